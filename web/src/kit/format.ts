// Numbers and times as the console shows them.

/** `just now`, `42 s`, `3 min`, `2 h 05 min`, `4 d 6 h`. A clock that runs ahead counts as just now. */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (!(seconds >= 1)) return 'just now'
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** `for 3 min`; `just now` in the first second. */
export function formatLasting(ms: number): string {
  const text = formatDuration(ms)
  return text === 'just now' ? text : `for ${text}`
}

/** `3 min ago`; `just now` in the first second. */
export function formatAge(ms: number): string {
  const text = formatDuration(ms)
  return text === 'just now' ? text : `${text} ago`
}

/**
 * A share from 0 to 1 in per cent with one digit, unless it is whole; shares below each other add up. A small share is never
 * shown as nothing.
 */
export function formatShare(share: number): string {
  const percent = share * 100
  if (!(percent > 0)) return '0 %'
  if (percent < 0.1) return '< 0.1 %'
  return `${percent.toFixed(1).replace(/\.0$/, '')} %`
}

/** A number and its unit stay in one line: `200 after 1 ms`. */
export const unbroken = (text: string): string => text.replaceAll(/(\d) (?=(?:ms|s|min|h|d|%)\b)/g, '$1\u00a0')

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 })

/** `1,234`. */
export function formatCount(count: number): string {
  return whole.format(count)
}

const units = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const

/** `512 bytes`, `1.5 MB`; thousands, as file managers count. */
export function formatBytes(bytes: number): string {
  const step = bytes < 1_000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1)
  const value = bytes / 1_000 ** step
  return `${value.toFixed(step === 0 || value >= 100 ? 0 : 1)} ${units[step] ?? ''}`
}

/** How full a limit is, from 0 to 1; 0 when unlimited. */
export function fillOf(used: number, limit: number): number {
  return limit > 0 ? Math.min(1, Math.max(0, used / limit)) : 0
}

const stamp = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

/** Date and time to the second in the reader's zone. */
export function formatStamp(atMs: number): string {
  return stamp.format(atMs)
}

/** Any value of the API in one line: `yes`, `none`, `10`, `a, b`, or its JSON. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'none'
  if (value === true) return 'yes'
  if (value === false) return 'no'
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  if (!Array.isArray(value)) return JSON.stringify(value)
  if (value.length === 0) return 'none'
  return value.map((one) => (typeof one === 'object' ? JSON.stringify(one) : String(one))).join(', ')
}

const shortStamp = new Intl.DateTimeFormat('en-GB', { dateStyle: 'short', timeStyle: 'medium' })

/** `31/01/2026, 12:00:00` in the reader's zone; `none` for nothing. */
export const formatInstant = (at: string | null | undefined): string =>
  at === null || at === undefined ? 'none' : shortStamp.format(Date.parse(at))

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })

/** `12:00:07` and `31 Jan 2026` in the reader's zone. */
export const formatClock = (at: string): string => clock.format(Date.parse(at))
export const formatDay = (at: string): string => day.format(Date.parse(at))

/** Milliseconds of a call: `0:07`, `12:05`, `1:02:03`. */
export function formatTalk(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const [hours = 0, minutes = 0, rest = 0] = parts
  const end = `${hours > 0 ? String(minutes).padStart(2, '0') : minutes}:${String(rest).padStart(2, '0')}`
  return hours > 0 ? `${hours}:${end}` : end
}

/** `37 %`, `–` for nothing. The ratio goes from 0 to 1. */
export const formatRatio = (ratio: number | null | undefined): string =>
  ratio === null || ratio === undefined ? '–' : `${Math.round(ratio * 100)} %`

/** A number or `–`. */
export const formatMaybe = (value: number | null | undefined, unit = ''): string =>
  value === null || value === undefined ? '–' : `${formatCount(value)}${unit === '' ? '' : ` ${unit}`}`

/** `3 calls`, `1 call`. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`
