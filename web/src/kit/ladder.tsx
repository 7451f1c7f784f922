// The SIP ladder: a column for each party, an arrow for each message; a click shows the message as it was on the wire.
import type { CSSProperties, ReactNode } from 'react'
import { useState } from 'react'
import type { LadderMessage, LadderParty } from './ladder-rows.ts'
import { offsetText } from './ladder-rows.ts'
import './ladder.css'
import { RawMessage } from './raw-message.tsx'

interface LadderProps {
  readonly parties: readonly LadderParty[]
  readonly messages: readonly LadderMessage[]
  readonly label: string
  /** Which message is chosen; without it the ladder keeps that itself and shows the message beside it. */
  readonly chosen?: number | undefined
  readonly onChoose?: (at: number) => void
}

export function Ladder(props: LadderProps): ReactNode {
  const [own, setOwn] = useState(0)
  const { messages, onChoose } = props
  const chosen = onChoose === undefined ? Math.min(own, messages.length - 1) : props.chosen
  const message = chosen === undefined ? undefined : messages[chosen]
  return (
    <div className="ladder-frame" data-alone={onChoose !== undefined}>
      <Arrows {...props} chosen={chosen} onChoose={onChoose ?? setOwn} />
      {onChoose === undefined && message !== undefined ? <RawMessage message={message} /> : null}
    </div>
  )
}

const percent = (part: number, of: number): string => `${(part / of) * 100}%`

/** Where an arrow begins and how long it is, in a ladder of so many columns. */
function spanOf({ from, to }: LadderMessage, columns: number): CSSProperties {
  const left = Math.min(from, to) + 0.5
  const length = Math.abs(from - to)
  return { marginInlineStart: percent(left, columns), inlineSize: percent(Math.max(length, 0.35), columns) }
}

type ArrowsProps = LadderProps & { readonly onChoose: (at: number) => void }

function Arrows({ parties, messages, label, chosen, onChoose }: ArrowsProps): ReactNode {
  const columns = Math.max(parties.length, 1)
  const lines = parties.map((party, at) => ({ ...party, key: `${at} ${party.name}`, left: percent(at + 0.5, columns) }))
  return (
    <section className="ladder" aria-label={label}>
      <div className="ladder-inside" style={{ minInlineSize: `${columns * 6.5}rem` }}>
        <div className="ladder-parties" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
          {lines.map((party) => (
            <div key={party.key}>
              <strong>{party.name}</strong>
              {party.detail === '' ? null : <span className="faint">{party.detail}</span>}
            </div>
          ))}
        </div>
        <div className="ladder-body">
          <div className="ladder-lines" aria-hidden="true">
            {lines.map((party) => (
              <span key={party.key} className="ladder-line" style={{ insetInlineStart: party.left }} />
            ))}
          </div>
          <ol>
            {messages.map((message, at) => (
              <li key={message.key}>
                <button
                  type="button"
                  className="ladder-message"
                  data-tone={message.tone}
                  data-back={message.to < message.from}
                  aria-pressed={chosen === at}
                  onClick={() => onChoose(at)}
                >
                  <span className="ladder-time">{offsetText(message.offsetMs)}</span>
                  <span className="ladder-arrow" style={spanOf(message, columns)}>
                    <span className="ladder-name">{message.name}</span>
                    <span className="only-heard">
                      , {parties[message.from]?.name} to {parties[message.to]?.name}
                    </span>
                  </span>
                </button>
              </li>
            ))}
          </ol>
        </div>
      </div>
    </section>
  )
}
