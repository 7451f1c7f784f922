// Above the board: how many, filter box, and the counts that are filters at the same time.
import { ActionIcon, TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { useRef } from 'react'
import './board-tools.css'
import { formatCount } from '../kit/format.ts'
import type { BoardView, Counts, StatusFilter } from './gateway.ts'
import { ClearIcon, GreenIcon, RedIcon, SearchIcon } from '../kit/icons.tsx'

interface ToolsProps {
  readonly counts: Counts
  readonly view: BoardView
  readonly change: (part: Partial<BoardView>) => void
}

export function BoardTools({ counts, view, change }: ToolsProps): ReactNode {
  return (
    <header className="board-tools">
      <h1>Gateways</h1>
      <StatusChoice counts={counts} chosen={view.status} choose={(status) => change({ status })} />
      <dl className="board-totals">
        <div>
          <dt>Channels</dt>
          <dd>{formatCount(counts.channels)}</dd>
        </div>
        <div>
          <dt>Calls/s</dt>
          <dd>{formatCount(counts.callsPerSecond)}</dd>
        </div>
      </dl>
      <FilterBox text={view.text} change={(text) => change({ text })} />
    </header>
  )
}

interface ChoiceProps {
  readonly counts: Counts
  readonly chosen: StatusFilter
  readonly choose: (status: StatusFilter) => void
}

function StatusChoice({ counts, chosen, choose }: ChoiceProps): ReactNode {
  const button = (status: StatusFilter, picture: ReactNode, word: string): ReactNode => (
    <button type="button" data-status={status} aria-pressed={chosen === status} onClick={() => choose(status)}>
      {picture}
      <strong>{formatCount(counts[status])}</strong> {word}
    </button>
  )
  return (
    <div className="status-choice" role="group" aria-label="Show">
      {button('all', null, counts.all === 1 ? 'gateway' : 'gateways')}
      {button('green', <GreenIcon />, 'green')}
      {button('red', <RedIcon />, 'red')}
    </div>
  )
}

function FilterBox({ text, change }: { text: string; change: (text: string) => void }): ReactNode {
  const box = useRef<HTMLInputElement>(null)
  useHotkeys([['/', () => box.current?.focus()]])
  const clear = (): void => {
    change('')
    box.current?.focus()
  }
  return (
    <TextInput
      ref={box}
      className="filter-box"
      aria-label="Filter gateways by name, carrier, address or reason"
      aria-keyshortcuts="/"
      placeholder="Name, carrier, address, reason"
      leftSection={<SearchIcon />}
      rightSection={
        text === '' ? (
          <kbd className="filter-key" aria-hidden="true">
            /
          </kbd>
        ) : (
          <ActionIcon variant="transparent" size="sm" onClick={clear} aria-label="Clear the filter">
            <ClearIcon />
          </ActionIcon>
        )
      }
      spellCheck={false}
      autoComplete="off"
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') change('')
      }}
    />
  )
}
