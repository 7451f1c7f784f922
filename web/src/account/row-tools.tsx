// The buttons at the end of a row: up, down, away.
import { ActionIcon } from '@mantine/core'
import type { ReactNode } from 'react'
import { ClearIcon } from '../kit/icons.tsx'
import { movedBy } from './rewrite-rows.ts'
import './rows.css'

interface ToolsProps<Row> {
  /** `row`, `rule`, `proxy`. */
  readonly word: string
  readonly rows: readonly Row[]
  readonly at: number
  readonly onChange: (rows: readonly Row[]) => void
  readonly disabled: boolean
}

export function RowTools<Row>({ word, rows, at, onChange, disabled }: ToolsProps<Row>): ReactNode {
  const common = { variant: 'subtle', color: 'gray' } as const
  return (
    <span className="rows-tools">
      <ActionIcon
        {...common}
        disabled={disabled || at === 0}
        aria-label={`Move ${word} ${at + 1} up`}
        onClick={() => onChange(movedBy(rows, at, -1))}
      >
        ↑
      </ActionIcon>
      <ActionIcon
        {...common}
        disabled={disabled || at === rows.length - 1}
        aria-label={`Move ${word} ${at + 1} down`}
        onClick={() => onChange(movedBy(rows, at, 1))}
      >
        ↓
      </ActionIcon>
      <ActionIcon
        {...common}
        disabled={disabled}
        aria-label={`Remove ${word} ${at + 1}`}
        onClick={() => onChange(rows.toSpliced(at, 1))}
      >
        <ClearIcon />
      </ActionIcon>
    </span>
  )
}
