// Rate lines as text: many lines are pasted and read more quickly than clicked.
import { Textarea } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { PlacedError } from './form-model.ts'
import { sameValue } from './form-model.ts'
import type { RateLine } from './rate-lines.ts'
import { lineOfPath, parseRates, ratesHead, rateText } from './rate-lines.ts'

interface RatesProps {
  readonly rates: readonly RateLine[]
  readonly onChange: (rates: readonly RateLine[]) => void
  readonly errors: readonly PlacedError[]
  readonly disabled: boolean
}

const errorsShown = 5

export function RatesEditor({ rates, onChange, errors, disabled }: RatesProps): ReactNode {
  const [text, setText] = useState(() => rates.map(rateText).join('\n'))
  const [seen, setSeen] = useState(rates)
  if (seen !== rates) {
    setSeen(rates)
    if (!sameValue(parseRates(text), rates) && rates.map(rateText).join('\n') !== text.trim())
      setText(rates.map(rateText).join('\n'))
  }
  const wrong = errors.filter((error) => error.path.startsWith('rates'))
  return (
    <Textarea
      label={`Rates (${rates.length})`}
      description={`One per line: ${ratesHead}. What follows the price may be left out; * is any number without a line of its own. The longest prefix counts.`}
      inputWrapperOrder={['label', 'description', 'input', 'error']}
      placeholder={'44, 0.0120\n441, 0.0150, 0.05, 30, 6'}
      classNames={{ input: 'bulk-paste' }}
      rows={Math.min(14, Math.max(4, rates.length + 1))}
      spellCheck={false}
      disabled={disabled}
      value={text}
      {...(wrong.length === 0
        ? {}
        : {
            error: wrong
              .slice(0, errorsShown)
              .map((error) => `${lineOfPath(error.path)}: ${error.message}`)
              .join('. '),
          })}
      onChange={(event) => {
        const { value } = event.currentTarget
        setText(value)
        onChange(parseRates(value))
      }}
    />
  )
}
