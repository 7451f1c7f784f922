// Reads the counts out of the screens that SIPp writes when it ends (-trace_screen).

export interface SippCounts {
  readonly successful: number
  readonly failed: number
  readonly total: number
  /** Sent and received again, all messages together. */
  readonly retransmissions: number
  readonly unexpected: number
  readonly timeouts: number
  /** Most calls at one time, as SIPp counted them. */
  readonly peak: number
  /** Per line of the scenario: `INVITE`, `200` ... with its direction. */
  readonly messages: readonly SippMessageCount[]
}

export interface SippMessageCount {
  readonly name: string
  readonly direction: 'in' | 'out'
  readonly messages: number
  readonly retransmissions: number
  readonly timeouts: number
  readonly unexpected: number
}

const number = (text: string | undefined): number =>
  text === undefined || text.trim() === '' ? 0 : Number(text.trim())

/** A caller's line is `INVITE ----------> 5 0 0`, a gateway's `----------> INVITE 5 0 0 0`: sent points away from the name. */
function parseLine(line: string): SippMessageCount | undefined {
  const caller = /^\s*(\S+)\s+(-+>|<-+)\s*(?:[BE]-RTD\d+)?\s*(.*)$/.exec(line)
  const gateway = /^\s*(-+>|<-+)\s+(\S+)\s*(?:[BE]-RTD\d+)?\s*(.*)$/.exec(line)
  const name = gateway?.[2] ?? caller?.[1]
  const arrow = gateway?.[1] ?? caller?.[2]
  if (name === undefined || arrow === undefined) return undefined
  const received = arrow.startsWith('<') === (gateway === null)
  const counts = (gateway ?? caller)?.[3]?.trim().split(/\s+/).map(number) ?? []
  return {
    name,
    direction: received ? 'in' : 'out',
    messages: counts[0] ?? 0,
    retransmissions: counts[1] ?? 0,
    timeouts: counts[2] ?? 0,
    unexpected: received ? (counts[3] ?? 0) : 0,
  }
}

/** `text` is the whole file; an empty one (the process was killed) gives zeros. */
export function parseSippScreen(text: string): SippCounts {
  const last = text.split('Scenario Screen').findLast((screen) => screen.includes('Failed call')) ?? ''
  const cumulative = (label: string): number =>
    number(new RegExp(`${label}[^|\\n]*\\|[^|\\n]*\\|\\s*(\\d+)`).exec(last)?.[1])
  const messages = last.split('\n').flatMap((line) => parseLine(line) ?? [])
  const sum = (pick: (one: SippMessageCount) => number): number => messages.reduce((all, one) => all + pick(one), 0)
  return {
    successful: cumulative('Successful call'),
    failed: cumulative('Failed call'),
    total: cumulative('Total Calls created'),
    retransmissions: sum((one) => one.retransmissions),
    unexpected: sum((one) => one.unexpected),
    timeouts: sum((one) => one.timeouts),
    peak: number(/Peak was (\d+) calls/.exec(last)?.[1]),
    messages,
  }
}
