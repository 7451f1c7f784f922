// Restricted codecs: a deny list. Codecs on the right are taken out of what is offered; an empty list restricts nothing.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import { TextField } from '../kit/form-field.tsx'
import './codec-lists.css'

/** IANA names of common audio codecs; others can be added by name. */
const known = [
  'AMR',
  'AMR-WB',
  'EVS',
  'G722',
  'G723',
  'G726-16',
  'G726-24',
  'G726-32',
  'G726-40',
  'G728',
  'G729',
  'GSM',
  'GSM-EFR',
  'GSM-HR-08',
  'iLBC',
  'opus',
  'PCMA',
  'PCMU',
  'SILK',
  'speex',
]

interface CodecProps {
  readonly restricted: readonly string[]
  readonly onChange: (restricted: readonly string[]) => void
  readonly error?: string | undefined
  readonly disabled: boolean
}

const sameCodec = (one: string) => (other: string) => one.toLowerCase() === other.toLowerCase()

export function CodecLists({ restricted, onChange, error, disabled }: CodecProps): ReactNode {
  const free = known.filter((codec) => !restricted.some(sameCodec(codec)))
  const restrict = (codec: string): void => onChange([...restricted, codec])
  return (
    <div className="codec-lists">
      <p className="codec-lead">
        {restricted.length === 0
          ? 'All codecs are enabled when the Restricted list is empty.'
          : 'Restricted codecs are removed from offers; a call with no codec left is refused with 488.'}
      </p>
      {error === undefined ? null : <p className="field-error">{error}</p>}
      <div className="codec-columns">
        <section aria-label="Enabled codecs">
          <h3>Enabled ({free.length} common ones)</h3>
          <ul>
            {free.map((codec) => (
              <li key={codec}>
                <Button
                  variant="default"
                  size="xs"
                  disabled={disabled}
                  aria-label={`Restrict ${codec}`}
                  onClick={() => restrict(codec)}
                >
                  {codec}
                </Button>
              </li>
            ))}
          </ul>
        </section>
        <section aria-label="Restricted codecs">
          <h3>Restricted ({restricted.length})</h3>
          <ul>
            {restricted.map((codec) => (
              <li key={codec}>
                <Button
                  variant="default"
                  size="xs"
                  data-restricted
                  disabled={disabled}
                  aria-label={`Enable ${codec} again`}
                  onClick={() => onChange(restricted.filter((one) => one !== codec))}
                >
                  {codec} ×
                </Button>
              </li>
            ))}
          </ul>
        </section>
      </div>
      <OtherCodec
        disabled={disabled}
        onRestrict={(name) => (restricted.some(sameCodec(name)) ? undefined : restrict(name))}
      />
    </div>
  )
}

interface OtherProps {
  readonly disabled: boolean
  readonly onRestrict: (codec: string) => void
}

function OtherCodec({ disabled, onRestrict }: OtherProps): ReactNode {
  const [name, setName] = useState('')
  return (
    <div className="codec-other">
      <TextField
        label="Another codec to restrict"
        placeholder="its name in SDP"
        value={name}
        disabled={disabled}
        onChange={setName}
      />
      <Button
        variant="default"
        disabled={disabled || name.trim() === ''}
        onClick={() => {
          onRestrict(name.trim())
          setName('')
        }}
      >
        Restrict
      </Button>
    </div>
  )
}
