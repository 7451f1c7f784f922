// Asks the kernel whether a port is bound, so that a test need not guess how long a peer takes to start, and what waits there.
import { readFileSync } from 'node:fs'

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0')

/** `127.0.7.1`, 5060 -> `0107007F:13C4`, as /proc/net/udp writes it on a little-endian machine. */
function ipv4Key(address: string, port: number): string {
  const bytes = address.split('.').map(Number).toReversed()
  return `${bytes.map((byte) => hex(byte, 2)).join('')}:${hex(port, 4)}`
}

const lookMs = 2

/** When no more than so many bytes wait there: a sender that waits for it fills no buffer. */
export async function whenRead(address: string, port: number, bytesMax: number): Promise<void> {
  while (waitingAt(address, port) > bytesMax)
    await new Promise((resolve) => {
      setTimeout(resolve, lookMs)
    })
}

/** Bytes that wait in the kernel for the sockets bound there (IPv4, UDP). */
function waitingAt(address: string, port: number): number {
  const key = ipv4Key(address, port)
  const sockets = readFileSync('/proc/net/udp', 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
  const queues = sockets.filter(([, local]) => local === key).map((columns) => columns[4] ?? '')
  return queues.reduce((sum, text) => sum + (Number.parseInt(text.slice(text.indexOf(':') + 1), 16) || 0), 0)
}

/** True when an IPv4 socket listens there: any UDP socket, or a TCP socket in LISTEN. */
export function isBound(transport: 'udp' | 'tcp', address: string, port: number): boolean {
  const key = ipv4Key(address, port)
  return readFileSync(`/proc/net/${transport}`, 'latin1')
    .split('\n')
    .some((line) => {
      const [, local, , state] = line.trim().split(/\s+/)
      return local === key && (transport === 'udp' || state === '0A')
    })
}
