// Typed arrays in shared memory: publishing a directory to another thread copies none of them.

export const sharedInt32 = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(length * 4))
export const sharedUint32 = (length: number): Uint32Array => new Uint32Array(new SharedArrayBuffer(length * 4))
export const sharedUint8 = (length: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(length))

export function sharedInt32From(numbers: readonly number[]): Int32Array {
  const array = sharedInt32(numbers.length)
  array.set(numbers)
  return array
}
