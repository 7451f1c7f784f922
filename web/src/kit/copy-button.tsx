// Copies a text. Browsers offer the clipboard only on safe origins; elsewhere the text can be marked instead.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import { CopyIcon } from './icons.tsx'

export function CopyButton({ text, name }: { text: string; name: string }): ReactNode {
  const [copied, setCopied] = useState('')
  const clipboard = window.isSecureContext ? navigator.clipboard : undefined
  if (clipboard === undefined) return null
  const copy = async (): Promise<void> => {
    await clipboard.writeText(text)
    setCopied(text)
  }
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-xs"
      leftSection={<CopyIcon />}
      aria-label={`Copy ${name}`}
      onClick={() => void copy()}
    >
      <span aria-live="polite">{copied === text && text !== '' ? 'Copied' : 'Copy'}</span>
    </Button>
  )
}
