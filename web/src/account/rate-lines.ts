// Rate lines as text, one a line, and back. Prices stay text: nothing here calculates with them. Pure.

export interface RateLine {
  readonly prefix: string
  readonly pricePerMinute: string
  readonly connectFee?: string
  readonly firstIncrementSeconds?: number
  readonly incrementSeconds?: number
}

export const ratesHead = 'prefix, price per minute, connect fee, first increment, further increments'

const isUsual = (fee: string | undefined): boolean => fee === undefined || /^0(?:\.0*)?$/.test(fee)

/** `44, 0.0120` or with all of it: `44, 0.0120, 0.05, 30, 6`. */
export function rateText({
  prefix,
  pricePerMinute,
  connectFee,
  firstIncrementSeconds = 1,
  incrementSeconds = 1,
}: RateLine): string {
  const short = isUsual(connectFee) && firstIncrementSeconds === 1 && incrementSeconds === 1
  const rest = short ? [] : [connectFee ?? '0', String(firstIncrementSeconds), String(incrementSeconds)]
  return [prefix === '' ? '*' : prefix, pricePerMinute, ...rest].join(', ')
}

/** What is missing stays absent; what is no number is sent as it is, and the server says what it wants. */
export function parseRates(text: string): RateLine[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [prefix = '', pricePerMinute = '', connectFee = '', first = '', further = ''] = line
        .split(/[,;\t]|\s+/)
        .filter((part) => part !== '')
      return {
        prefix: prefix === '*' ? '' : prefix,
        pricePerMinute,
        ...(connectFee === '' ? {} : { connectFee }),
        ...(first === '' ? {} : { firstIncrementSeconds: Number(first) }),
        ...(further === '' ? {} : { incrementSeconds: Number(further) }),
      }
    })
}

/** `rates[12].pricePerMinute` -> `line 13, pricePerMinute`. */
export const lineOfPath = (path: string): string =>
  path.replace(/^rates\[(\d+)\]\.?/, (_all, at: string) => `line ${Number(at) + 1} `).trim()
