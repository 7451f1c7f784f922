// One SIP message as it was on the wire; lines that another message does not have can be marked.
import type { ReactNode } from 'react'
import { CopyButton } from './copy-button.tsx'
import { formatInstant } from './format.ts'
import type { LadderMessage } from './ladder-rows.ts'
import './ladder.css'

interface RawProps {
  readonly message: LadderMessage
  /** The message to compare with. */
  readonly other?: LadderMessage | undefined
}

const linesOf = (text: string): string[] => text.replaceAll('\r\n', '\n').trimEnd().split('\n')

export function RawMessage({ message, other }: RawProps): ReactNode {
  const others = other === undefined ? undefined : new Set(linesOf(other.text))
  const lines = linesOf(message.text).map((text, at) => ({ text, key: `${at}`, own: others?.has(text) === false }))
  return (
    <figure className="raw">
      <figcaption>
        <strong>{message.name}</strong>
        <span className="faint">
          {message.way}, {formatInstant(message.at)}
        </span>
        <CopyButton text={message.text} name="message" />
      </figcaption>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by the keyboard */}
      <pre tabIndex={0}>
        {lines.map(({ text, key, own }) => (
          <span key={key} data-own={own}>
            {text}
            {'\n'}
          </span>
        ))}
      </pre>
    </figure>
  )
}
