// Parameter rewrite: the rows in order, and a box that tries them with the server's own engine.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { Rewrite } from '../../../src/contract/parts.ts'
import { SelectField, TextField } from '../kit/form-field.tsx'
import type { PlacedError } from './form-model.ts'
import { errorAt } from './form-model.ts'
import { RowTools } from './row-tools.tsx'
import './rows.css'
import { RewriteTry } from './rewrite-try.tsx'

interface EditorProps {
  readonly rewrites: readonly Rewrite[]
  readonly onChange: (rewrites: readonly Rewrite[]) => void
  readonly errors: readonly PlacedError[]
  readonly disabled: boolean
  /** `receives`: they shape what leaves; `sends`: they normalise what enters. */
  readonly direction: string
}

const parameters = [
  { value: 'destination', label: 'Destination number' },
  { value: 'cli', label: 'CLI' },
] as const

const examples: readonly (readonly [title: string, rewrite: Rewrite])[] = [
  ['Remove +', { parameter: 'destination', pattern: '^\\+', replacement: '' }],
  ['National to +44', { parameter: 'destination', pattern: '^0', replacement: '44' }],
  ['Add a prefix', { parameter: 'destination', pattern: '^', replacement: '1#' }],
]

const directions: Readonly<Record<string, string>> = {
  receives: 'These rows shape the numbers that leave for this gateway.',
  sends: 'These rows normalise the numbers that come in here, before the route is chosen.',
  both: 'These rows normalise the numbers that come in, and shape those that leave for this gateway.',
}

export function RewriteEditor(props: EditorProps): ReactNode {
  const { rewrites, onChange, disabled } = props
  const [added, setAdded] = useState(-1)
  const add = (rewrite: Rewrite): void => {
    setAdded(rewrites.length)
    onChange([...rewrites, rewrite])
  }
  return (
    <div className="rows-editor">
      <p className="faint">
        {directions[props.direction] ?? directions['sends']} Each row works on the result of the one before and replaces
        the first match. Patterns are JavaScript regular expressions; $1 and $&amp; stand for what was matched.
      </p>
      {rewrites.length === 0 ? <p>No row yet: numbers pass as they are.</p> : null}
      <ol className="rows-list">
        {rewrites.map((rewrite, at) => (
          // oxlint-disable-next-line react/no-array-index-key -- rows have no identity but their place
          <RewriteRow key={at} {...props} at={at} focus={at === added} rewrite={rewrite} />
        ))}
      </ol>
      <div className="rows-add">
        <Button
          variant="default"
          size="xs"
          disabled={disabled}
          onClick={() => add({ parameter: 'destination', pattern: '', replacement: '' })}
        >
          Add row
        </Button>
        <span className="faint">or start from:</span>
        {examples.map(([title, rewrite]) => (
          <Button key={title} variant="subtle" size="xs" disabled={disabled} onClick={() => add(rewrite)}>
            {title}
          </Button>
        ))}
      </div>
      <RewriteTry rewrites={rewrites} />
    </div>
  )
}

interface RowProps extends EditorProps {
  readonly at: number
  readonly focus: boolean
  readonly rewrite: Rewrite
}

function RewriteRow({ rewrites, onChange, errors, disabled, at, focus, rewrite }: RowProps): ReactNode {
  const set = (part: Partial<Rewrite>): void => onChange(rewrites.with(at, { ...rewrite, ...part }))
  const path = `rewrites[${at}]`
  return (
    <li className="rows-row" aria-label={`Row ${at + 1}`}>
      <span className="rows-number faint">{at + 1}</span>
      <SelectField
        label="Type"
        options={parameters}
        value={rewrite.parameter}
        disabled={disabled}
        error={errorAt(errors, `${path}.parameter`)}
        onChange={(parameter) => set({ parameter })}
      />
      <TextField
        label="Current"
        mono
        placeholder="^0"
        autoFocus={focus}
        value={rewrite.pattern}
        disabled={disabled}
        error={
          errorAt(errors, `${path}.pattern`) ??
          errorAt(
            errors.filter((one) => one.path === path),
            path,
          )
        }
        onChange={(pattern) => set({ pattern })}
      />
      <TextField
        label="New"
        mono
        placeholder="nothing"
        value={rewrite.replacement}
        disabled={disabled}
        error={errorAt(errors, `${path}.replacement`)}
        onChange={(replacement) => set({ replacement })}
      />
      <RowTools word="row" rows={rewrites} at={at} onChange={onChange} disabled={disabled} />
    </li>
  )
}
