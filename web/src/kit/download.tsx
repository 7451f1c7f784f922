// A file that the server makes: a plain link, so that the browser saves it.
import type { ReactNode } from 'react'
import { apiBase } from './api-client.ts'

interface DownloadProps {
  /** Below the API's base path: `/call-records.csv`. */
  readonly path: string
  /** How the file is called; else as the server calls it. */
  readonly name?: string
  readonly children: ReactNode
}

export const Download = ({ path, name = '', children }: DownloadProps): ReactNode => (
  <a href={`${apiBase}${path}`} download={name}>
    {children}
  </a>
)
