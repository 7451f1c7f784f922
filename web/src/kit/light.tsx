// Lights, ages, shares and use of limits: tables, boards and pages share them. Everything from the server is text.
import type { CSSProperties, ReactNode } from 'react'
import { useState } from 'react'
import { fillOf, formatAge, formatCount, formatLasting, formatShare, formatStamp, unbroken } from './format.ts'
import './light.css'
import type { Gateway } from '../gateways/gateway.ts'
import { GreenIcon, RedIcon } from './icons.tsx'
import { useTicking } from './ticking.ts'

/** The light: colour, shape and word. It glows for a moment when it has changed. */
export function StatusLight({ status }: { status: Gateway['status'] }): ReactNode {
  const [first] = useState(status)
  const [changed, setChanged] = useState(false)
  if (status !== first && !changed) setChanged(true)
  return (
    <span key={status} className="light" data-status={status} data-changed={changed}>
      {status === 'green' ? <GreenIcon /> : <RedIcon />}
      {status === 'green' ? 'Green' : 'Red'}
    </span>
  )
}

/** How long something has lasted. */
export function Lasting({ since }: { since: string }): ReactNode {
  const at = Date.parse(since)
  const text = useTicking(() => formatLasting(Date.now() - at))
  return (
    <time dateTime={since} title={`since ${formatStamp(at)}`}>
      {text}
    </time>
  )
}

export function Age({ at: when }: { at: string }): ReactNode {
  const at = Date.parse(when)
  const text = useTicking(() => formatAge(Date.now() - at))
  return (
    <time dateTime={when} title={formatStamp(at)}>
      {text}
    </time>
  )
}

export function LastProbe({ probe }: { probe: Gateway['lastProbe'] }): ReactNode {
  if (probe === null) return <span className="faint">none yet</span>
  return (
    <>
      <span className="probe-result">{unbroken(probe.result)}</span>
      <span className="second-line">
        <Age at={probe.at} />
      </span>
    </>
  )
}

const barStyle = (fill: number): CSSProperties => ({ inlineSize: `${Math.round(fill * 1000) / 10}%` })

function Bar({ fill, tone }: { fill: number; tone: 'share' | 'use' | 'full' }): ReactNode {
  return (
    <span className="bar" data-tone={tone} aria-hidden="true">
      <span style={barStyle(fill)} />
    </span>
  )
}

export function Share({ share }: { share: number }): ReactNode {
  return (
    <span className="measure">
      <span>{formatShare(share)}</span>
      <Bar fill={share} tone="share" />
    </span>
  )
}

/**
 * A number in use, against its limit where there is one. From 90 % on the bar and a word say so.
 * @param limit 0 or undefined = unlimited
 */
export function Usage({ used, limit }: { used: number; limit: number | undefined }): ReactNode {
  if (limit === undefined || limit === 0)
    return (
      <span className="measure">
        <span>{formatCount(used)}</span>
      </span>
    )
  const fill = fillOf(used, limit)
  const word = fill >= 1 ? 'full' : fill >= 0.9 ? 'nearly full' : undefined
  return (
    <span className="measure">
      <span>
        {formatCount(used)}
        <span className="faint">
          <span aria-hidden="true"> / </span>
          <span className="only-heard"> of </span>
          {formatCount(limit)}
        </span>
      </span>
      <Bar fill={fill} tone={word === undefined ? 'use' : 'full'} />
      {word === undefined ? null : <span className="measure-word">{word}</span>}
    </span>
  )
}

/** How many lights are green and how many red. */
export function Lights({ green, red }: { green: number; red: number }): ReactNode {
  if (green + red === 0) return <span className="faint">none</span>
  return (
    <span className="lights">
      <span data-status="green">
        <GreenIcon />
        {formatCount(green)}
        <span className="only-heard"> green</span>
      </span>
      {red === 0 ? null : (
        <span data-status="red">
          <RedIcon />
          {formatCount(red)}
          <span className="only-heard"> red</span>
        </span>
      )}
    </span>
  )
}
