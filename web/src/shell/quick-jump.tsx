// Goes to a page, an account, an address, a SIP user or a call by a few letters. Ctrl+K opens it; arrows and Enter choose.
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { KeyboardEvent, ReactNode } from 'react'
import { useState } from 'react'
import type { Me } from '../../../src/contract/api-people.ts'
import { Dialog } from '../kit/dialog.tsx'
import { findTargets, pageTargets } from './jump-targets.ts'
import './quick-jump.css'

export function QuickJump({ me, onClose }: { me: Me; onClose: () => void }): ReactNode {
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const wanted = text.trim()
  const found = useQuery({
    queryKey: ['jump', wanted],
    queryFn: () => findTargets(wanted),
    enabled: wanted.length >= 2,
    staleTime: 10_000,
  })
  const targets = [...pageTargets(me, wanted), ...(wanted.length >= 2 ? (found.data ?? []) : [])].slice(0, 20)
  const chosen = Math.min(at, Math.max(0, targets.length - 1))
  const go = (href: string | undefined): void => {
    if (href === undefined) return
    onClose()
    void navigate({ to: href })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setAt((chosen + 1) % Math.max(1, targets.length))
    else if (event.key === 'ArrowUp') setAt((chosen + targets.length - 1) % Math.max(1, targets.length))
    else if (event.key === 'Enter') go(targets[chosen]?.href)
    else return
    event.preventDefault()
  }
  return (
    <Dialog title="Go to" onClose={onClose}>
      <input
        className="jump-input"
        role="combobox"
        aria-label="Page, carrier, customer, address, SIP user or call"
        aria-expanded={targets.length > 0}
        aria-controls="jump-list"
        aria-activedescendant={targets.length > 0 ? `jump-${chosen}` : undefined}
        aria-autocomplete="list"
        placeholder="Page, carrier, customer, address, SIP user or call"
        spellCheck={false}
        autoComplete="off"
        autoFocus
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
      />
      <div id="jump-list" role="listbox" aria-label="Places" className="jump-list">
        {targets.map((target, index) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys belong to the field above
          <div
            key={target.href + target.kind}
            id={`jump-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            onClick={() => go(target.href)}
          >
            <span>{target.name}</span>
            <span className="faint">{target.kind}</span>
          </div>
        ))}
      </div>
      {targets.length === 0 && !found.isFetching ? <p className="faint">Nothing of that name.</p> : null}
    </Dialog>
  )
}
