// A state as a word with a mark: its shape says the same as its colour.
import type { ReactNode } from 'react'
import './state-word.css'

export type StateTone = 'good' | 'waiting' | 'bad' | 'quiet'

export const StateWord = ({ tone, children }: { tone: StateTone; children: ReactNode }): ReactNode => (
  <span className="state-word" data-tone={tone}>
    {children}
  </span>
)
