// Makes a password and copies it; the browser's own randomness.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { CopyButton } from './copy-button.tsx'

const groups = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnopqrstuvwxyz', '23456789', '-_.+=#%']
const length = 20

/** A number below `limit`, each as likely as the others. */
function drawBelow(limit: number): number {
  const values = new Uint32Array(1)
  const unbiased = Math.floor(2 ** 32 / limit) * limit
  do crypto.getRandomValues(values)
  while ((values[0] ?? 0) >= unbiased)
  return (values[0] ?? 0) % limit
}

const drawFrom = (letters: string): string => letters.charAt(drawBelow(letters.length))

/** 20 characters, at least one of each kind that the server asks for. */
function makePassword(): string {
  const drawn = groups.map(drawFrom)
  while (drawn.length < length) drawn.push(drawFrom(groups.join('')))
  for (let at = drawn.length - 1; at > 0; at -= 1) {
    const other = drawBelow(at + 1)
    const kept = drawn[at] ?? ''
    drawn[at] = drawn[other] ?? ''
    drawn[other] = kept
  }
  return drawn.join('')
}

interface ToolsProps {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly disabled: boolean
}

export function SecretTools({ value, onChange, disabled }: ToolsProps): ReactNode {
  return (
    <div className="field-tools">
      <Button variant="default" size="xs" disabled={disabled} onClick={() => onChange(makePassword())}>
        Generate
      </Button>
      {value === '' ? null : <CopyButton text={value} name="password" />}
    </div>
  )
}
