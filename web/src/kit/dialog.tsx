// A window on top of the page: the browser's own modal dialog keeps the focus inside, and Escape closes it.
import type { ReactNode } from 'react'
import { useEffect, useId, useRef } from 'react'
import { ActionIcon } from '@mantine/core'
import './dialog.css'
import { ClearIcon } from './icons.tsx'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
  /** Buttons at the bottom, the main one last. */
  readonly actions?: ReactNode
  readonly wide?: boolean
}

/** Where one types first: the field that says so, else the first; the browser would choose the button that closes. */
function firstField(element: HTMLElement): HTMLElement | null {
  return (
    element.querySelector<HTMLElement>('[data-autofocus]') ??
    element.querySelector<HTMLElement>('.dialog-body :is(input, textarea, select):not(:disabled)')
  )
}

/** Shown as long as it is drawn. */
export function Dialog({ title, onClose, children, actions, wide = false }: DialogProps): ReactNode {
  const box = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const element = box.current
    element?.showModal()
    if (element !== null) firstField(element)?.focus()
    return () => element?.close()
  }, [])
  return (
    <dialog
      ref={box}
      className="dialog"
      data-wide={wide}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <div className="dialog-head">
        <h2 id={heading}>{title}</h2>
        <ActionIcon variant="subtle" color="gray" onClick={onClose} aria-label="Close">
          <ClearIcon />
        </ActionIcon>
      </div>
      <div className="dialog-body">{children}</div>
      {actions === undefined ? null : <div className="dialog-actions">{actions}</div>}
    </dialog>
  )
}
