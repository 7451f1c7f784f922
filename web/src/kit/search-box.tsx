// The search of a list; `/` leads there. It waits until one stops typing.
import { TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { useEffect, useRef, useState } from 'react'
import { SearchIcon } from './icons.tsx'

const pauseMs = 200

interface SearchProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}

/** The text as it is typed; `onChange` hears of it after a pause. */
function usePatient(value: string, onChange: (value: string) => void): readonly [string, (text: string) => void] {
  const [text, setText] = useState(value)
  const [seen, setSeen] = useState(value)
  const [sent, setSent] = useState(value)
  if (seen !== value) {
    setSeen(value)
    if (value !== sent) setText(value)
  }
  useEffect(() => {
    if (text === value) return undefined
    const timer = window.setTimeout(() => {
      setSent(text)
      onChange(text)
    }, pauseMs)
    return () => window.clearTimeout(timer)
  }, [text, value, onChange])
  return [text, setText]
}

export function SearchBox({ label, value, onChange }: SearchProps): ReactNode {
  const box = useRef<HTMLInputElement>(null)
  const [text, setText] = usePatient(value, onChange)
  useHotkeys([['/', () => box.current?.focus()]])
  return (
    <TextInput
      ref={box}
      className="filter-box"
      aria-label={label}
      aria-keyshortcuts="/"
      placeholder={label}
      leftSection={<SearchIcon />}
      type="search"
      spellCheck={false}
      autoComplete="off"
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  )
}

/** A filter with its label above, one of several: the same patience, no key of its own. */
export function FilterField({ label, value, onChange }: SearchProps): ReactNode {
  const [text, setText] = usePatient(value, onChange)
  return (
    <TextInput
      label={label}
      spellCheck={false}
      autoComplete="off"
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  )
}
