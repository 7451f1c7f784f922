// The quiet page around set-up and log-in.
import type { ReactNode } from 'react'
import { useEffect } from 'react'
import { ColourSchemeToggle } from '../shell/colour-scheme-toggle.tsx'
import './entry-frame.css'
import { Mark, WarningIcon } from '../kit/icons.tsx'

export function EntryFrame({ title, children }: { title: string; children: ReactNode }): ReactNode {
  useEffect(() => {
    document.title = `${title} · Tollgate`
  }, [title])
  return (
    <div className="entry">
      <div className="entry-corner">
        <ColourSchemeToggle />
      </div>
      <main className="entry-card">
        <p className="entry-brand">
          <Mark />
          Tollgate
        </p>
        <h1>{title}</h1>
        {children}
      </main>
    </div>
  )
}

/** The failure of a form, above its button. */
export function FormFailure({ text }: { text: string | undefined }): ReactNode {
  return (
    <div role="alert" className="entry-failure">
      {text === undefined ? null : (
        <p className="notice">
          <WarningIcon />
          <span>{text}</span>
        </p>
      )}
    </div>
  )
}
