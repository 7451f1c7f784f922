// Structured log lines. A SIP value never goes in raw: control characters are escaped and long texts cut.
import pino from 'pino'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

export interface Log {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
}

const textMax = 512

/** Makes a peer's text safe for one log line: control and direction characters become \u escapes. */
function loggable(text: string): string {
  const cut = text.length > textMax ? `${text.slice(0, textMax)}...` : text
  return cut.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
}

const safe = (fields: LogFields = {}): LogFields =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? loggable(value) : value]),
  )

function readableLine(level: LogLevel, event: string, fields: LogFields): string {
  const rest = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${String(value)}`)
  return `${new Date().toISOString().slice(11, 19)} ${level.padEnd(5)} ${event}${rest.length > 0 ? `  ${rest.join(' ')}` : ''}\n`
}

const order: Record<string, number> = { trace: 0, debug: 0, info: 1, warn: 2, error: 3, fatal: 3, silent: 4 }

/** JSON lines through pino; one readable line each when stdout is a terminal. `level` is a pino level. */
export function openLog(level: string, terminal: boolean): Log {
  if (!terminal) {
    const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime })
    const write = (at: LogLevel) => (event: string, fields?: LogFields) => logger[at](safe(fields), event)
    return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
  }
  const write = (at: LogLevel) => (event: string, fields?: LogFields) => {
    if ((order[at] ?? 0) >= (order[level] ?? 1)) process.stdout.write(readableLine(at, event, safe(fields)))
  }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

/** For tests and for threads that hand their lines up instead of writing them. */
export function forwardLog(forward: (level: LogLevel, event: string, fields: LogFields) => void): Log {
  const write = (at: LogLevel) => (event: string, fields?: LogFields) => forward(at, event, safe(fields))
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}
