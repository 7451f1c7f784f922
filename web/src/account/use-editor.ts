// A form over an object of the API: the draft, what of it differs, saving it, and the conflict when somebody was faster.
import { useState } from 'react'
import type { Problem } from '../kit/problem.ts'
import type { SaveState } from '../kit/use-save.ts'
import { useSave } from '../kit/use-save.ts'
import type { Draft, FieldSpec, PlacedErrors } from './form-model.ts'
import { editable, patchBetween, placeErrors, readyToSend } from './form-model.ts'

interface Stored {
  readonly id: string
  readonly etag: string
}

interface EditorOptions<View extends Stored> {
  readonly specs: readonly FieldSpec[]
  /** What is edited; undefined: a new one is made. */
  readonly stored: View | undefined
  /** What a new one starts with. */
  readonly initial?: Draft
  /** `/endpoints` of the one that exists, `/carriers/ID/endpoints` for a new one. */
  readonly path: string
  readonly onSaved: (view: View) => void
}

export interface Editor {
  readonly draft: Draft
  readonly setDraft: (draft: Draft) => void
  readonly dirty: boolean
  readonly busy: boolean
  readonly problem: Problem | undefined
  readonly conflict: Problem | undefined
  readonly placed: PlacedErrors
  readonly save: (etag?: string) => Promise<void>
  /** Leaves the conflict and goes on editing. */
  readonly backToForm: () => void
  /** Fills the form with the object as it is now. */
  readonly takeTheirs: () => void
}

export function useEditor<View extends Stored>(options: EditorOptions<View>): Editor {
  const { specs, path, onSaved } = options
  const [base, setBase] = useState<View | undefined>(options.stored)
  const [draft, setDraft] = useState<Draft>(() => startOf(options))
  const [seen, setSeen] = useState(options.stored?.etag)
  const save: SaveState<View> = useSave<View>()
  const original = base === undefined ? {} : editable(base)
  const changes = patchBetween(original, readyToSend(draft, specs))
  const errors = save.problem?.errors ?? []
  const newer = options.stored
  // Somebody else has saved, or another form of this page: an untouched form follows.
  if (base !== undefined && newer !== undefined && newer.etag !== base.etag && newer.etag !== seen) {
    setSeen(newer.etag)
    if (Object.keys(changes).length === 0) {
      setBase(newer)
      setDraft(editable(newer))
    }
  }
  const run = async (etag?: string): Promise<void> => {
    const answer = await save.run(
      base === undefined
        ? { method: 'POST', path, body: readyToSend(draft, specs) }
        : { method: 'PATCH', path: `${path}/${base.id}`, body: changes, etag: etag ?? base.etag },
    )
    if (answer?.kind !== 'value') return
    setBase(answer.value)
    setDraft(editable(answer.value))
    onSaved(answer.value)
  }
  return {
    draft,
    setDraft,
    dirty: base === undefined ? draft !== options.initial : Object.keys(changes).length > 0,
    busy: save.busy,
    problem: save.problem,
    conflict: save.conflict,
    placed: placeErrors(errors, specs, draft),
    save: run,
    backToForm: () => save.reset(),
    takeTheirs: () => {
      const theirs = save.conflict?.current as View | undefined
      save.reset()
      if (theirs === undefined) return
      setBase(theirs)
      setDraft(editable(theirs))
    },
  }
}

const startOf = <View extends Stored>({ stored, initial = {} }: EditorOptions<View>): Draft =>
  stored === undefined ? initial : editable(stored)
