// The tabs of an editor (WAI-ARIA tabs: arrow keys go from tab to tab). A tab with errors says how many.
import type { KeyboardEvent, ReactNode } from 'react'
import { useId, useRef } from 'react'
import './form-tabs.css'

interface FormTabsProps {
  readonly label: string
  readonly tabs: readonly string[]
  readonly chosen: string
  readonly onChoose: (tab: string) => void
  readonly errors: ReadonlyMap<string, number>
  /** A word beside the name: how many rows there are. */
  readonly notes?: Readonly<Record<string, string>>
  readonly children: ReactNode
}

const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1 }

const noNotes: Readonly<Record<string, string>> = {}

export function FormTabs({
  label,
  tabs,
  chosen,
  onChoose,
  errors,
  notes = noNotes,
  children,
}: FormTabsProps): ReactNode {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const walk = (event: KeyboardEvent): void => {
    const by = steps[event.key]
    if (by === undefined) return
    event.preventDefault()
    const at = (tabs.indexOf(chosen) + by + tabs.length) % tabs.length
    onChoose(tabs[at] ?? chosen)
    list.current?.querySelectorAll('button')[at]?.focus()
  }
  return (
    <div className="form-tabs">
      <div ref={list} role="tablist" aria-label={label} className="form-tabs-list" onKeyDown={walk} tabIndex={-1}>
        {tabs.map((tab, at) => (
          <button
            key={tab}
            type="button"
            role="tab"
            id={`${id}-${at}`}
            aria-controls={`${id}-panel`}
            aria-selected={tab === chosen}
            tabIndex={tab === chosen ? 0 : -1}
            data-wrong={errors.has(tab)}
            onClick={() => onChoose(tab)}
          >
            {tab}
            {notes[tab] === undefined ? null : <span className="form-tabs-note">{notes[tab]}</span>}
            {errors.has(tab) ? <span className="form-tabs-errors">{errorsText(errors.get(tab) ?? 0)}</span> : null}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${tabs.indexOf(chosen)}`}
        className="form-tabs-panel"
      >
        {children}
      </div>
    </div>
  )
}

const errorsText = (count: number): string => (count === 1 ? '1 error' : `${count} errors`)
