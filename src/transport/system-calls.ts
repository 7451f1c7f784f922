// The system calls of Linux that batched UDP needs, called in its C library through koffi. An address that is written
// into a structure keeps nothing alive: whoever writes one holds the memory it points to.
import { getSystemErrorName } from 'node:util'

/** Each returns what the call returns: -1 after a failure, and `errno` says which. Lengths are bytes. */
export interface SystemCalls {
  socket(domain: number, type: number, protocol: number): number
  bind(descriptor: number, address: Uint8Array, length: number): number
  getsockname(descriptor: number, address: Uint8Array, length: Uint8Array): number
  setsockopt(descriptor: number, level: number, name: number, value: Uint8Array, length: number): number
  close(descriptor: number): number
  pipe2(descriptors: Uint8Array, flags: number): number
  poll(entries: Uint8Array, count: number, timeoutMs: number): number
  /** `timeout` is a struct timespec; signals stay as they are with `mask` null. */
  ppoll(entries: Uint8Array, count: number, timeout: Uint8Array, mask: null): number
  /** `vector` are structures mmsghdr; the last parameter is a time-out, which does not work as documented: null. */
  recvmmsg(descriptor: number, vector: Uint8Array, count: number, flags: number, timeout: null): number
  sendmmsg(descriptor: number, vector: Uint8Array, count: number, flags: number): number
  /** The error number of the last call that failed. */
  errno(): number
  /** Where the memory of `bytes` lies. */
  addressOf(bytes: Uint8Array): bigint
}

/** The structures are laid out for these machines. */
const machines = new Set(['x64', 'arm64'])

/** The calls, or a text that says why they cannot be had here. */
export async function loadSystemCalls(): Promise<SystemCalls | string> {
  if (process.platform !== 'linux' || !machines.has(process.arch))
    return `batched UDP needs Linux on x64 or arm64, this is ${process.platform} on ${process.arch}`
  try {
    const { default: koffi } = await import('koffi')
    const library = koffi.load('libc.so.6')
    return {
      socket: library.func('int socket(int domain, int type, int protocol)'),
      bind: library.func('int bind(int descriptor, const uint8_t *address, uint32_t length)'),
      getsockname: library.func('int getsockname(int descriptor, uint8_t *address, uint8_t *length)'),
      setsockopt: library.func(
        'int setsockopt(int descriptor, int level, int name, const uint8_t *value, uint32_t length)',
      ),
      close: library.func('int close(int descriptor)'),
      pipe2: library.func('int pipe2(uint8_t *descriptors, int flags)'),
      poll: library.func('int poll(uint8_t *entries, unsigned long count, int timeoutMs)'),
      ppoll: library.func('int ppoll(uint8_t *entries, unsigned long count, const uint8_t *timeout, void *mask)'),
      recvmmsg: library.func('int recvmmsg(int descriptor, uint8_t *vector, uint32_t count, int flags, void *timeout)'),
      sendmmsg: library.func('int sendmmsg(int descriptor, uint8_t *vector, uint32_t count, int flags)'),
      errno: () => koffi.errno(),
      addressOf: (bytes) => koffi.address(bytes),
    }
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  }
}

/** The same error that Node's own sockets throw. */
export function systemError(errno: number, call: string): Error {
  const code = getSystemErrorName(-errno)
  return Object.assign(new Error(`${call} ${code}`), { code, errno: -errno, syscall: call })
}
