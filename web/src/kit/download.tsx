// A file that the server makes: a plain link, so that the browser saves it.
import type { ReactNode } from 'react'
import { apiBase } from './api-client.ts'

interface DownloadProps {
  /** Below the API's base path: `/call-records.csv`. */
  readonly path: string
  readonly children: ReactNode
}

export const Download = ({ path, children }: DownloadProps): ReactNode => (
  <a href={`${apiBase}${path}`} download>
    {children}
  </a>
)
