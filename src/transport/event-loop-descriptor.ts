// The descriptor behind the event loop of this thread (an epoll instance): it is readable as soon as the loop has something
// to do, a connection, a message of another thread or a finished lookup. Node does not tell it; but Linux lists what each
// epoll instance watches, so a pipe of ours that this loop watches points to it.
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import type { SystemCalls } from './system-calls.ts'

const nonBlocking = 0o4000
const closeOnExec = 0o2000000

function watches(descriptor: string, watched: number): boolean {
  try {
    if (!readlinkSync(`/proc/self/fd/${descriptor}`).includes('[eventpoll]')) return false
    return new RegExp(`^tfd:\\s*${watched} `, 'm').test(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'))
  } catch {
    return false
  }
}

/** Undefined: it could not be found, because /proc is missing or the loop waits by other means. */
export async function findEventLoopDescriptor(calls: SystemCalls): Promise<number | undefined> {
  const ends = new Int32Array(2)
  if (calls.pipe2(new Uint8Array(ends.buffer), nonBlocking | closeOnExec) !== 0) return undefined
  const [readEnd = -1, writeEnd = -1] = ends
  const socket = new Socket({ fd: readEnd, readable: true, writable: false })
  try {
    socket.on('error', () => undefined).resume()
    // The loop begins to watch a descriptor when it waits next.
    await setImmediate()
    await setImmediate()
    const found = readdirSync('/proc/self/fd').find((one) => watches(one, readEnd))
    return found === undefined ? undefined : Number(found)
  } catch {
    return undefined
  } finally {
    socket.destroy()
    calls.close(writeEnd)
  }
}
