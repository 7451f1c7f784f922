// A form in a window: its buttons, what went wrong, and the question when somebody else was faster.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useId } from 'react'
import { ConflictDialog } from './conflict-dialog.tsx'
import { Dialog } from './dialog.tsx'
import { ProblemNotice } from './notice.tsx'
import type { SaveState } from './use-save.ts'

interface FormDialogProps {
  readonly title: string
  /** The word on the main button. */
  readonly action: string
  readonly save: SaveState<unknown>
  /** Paths of fields that show their errors themselves. */
  readonly shown: readonly string[]
  /** The entity tag to compare with; another one when one's own changes shall stand (undefined: the form's own). */
  readonly onSubmit: (etag?: string) => void
  readonly onClose: () => void
  /** Why the person may not; undefined = may. */
  readonly denied?: string | undefined
  readonly wide?: boolean
  /** Further buttons at the left: `Remove`. */
  readonly aside?: ReactNode
  readonly children: ReactNode
}

export function FormDialog(props: FormDialogProps): ReactNode {
  const { title, action, save, shown, onSubmit, onClose, denied, wide = false, aside, children } = props
  const form = useId()
  return (
    <Dialog
      title={title}
      wide={wide}
      onClose={onClose}
      actions={
        <>
          {aside === undefined ? null : <div className="dialog-aside">{aside}</div>}
          <Button variant="default" onClick={onClose}>
            {denied === undefined ? 'Cancel' : 'Close'}
          </Button>
          <Button type="submit" form={form} loading={save.busy} disabled={denied !== undefined} title={denied}>
            {action}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          onSubmit()
        }}
      >
        {children}
        <ProblemNotice problem={save.problem} except={shown} />
      </form>
      {save.conflict === undefined ? null : (
        <ConflictDialog
          conflict={save.conflict}
          busy={save.busy}
          onClose={save.reset}
          onTakeTheirs={onClose}
          onKeepMine={(etag) => onSubmit(etag ?? '')}
        />
      )}
    </Dialog>
  )
}
