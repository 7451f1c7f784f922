// SRTP of RFC 3711 with AES_CM_128_HMAC_SHA1_80, as far as a test needs it: packets of one stream, no rollover. Written from
// the RFC and node:crypto alone, so that the relay is proved by something else than itself.
import { createCipheriv, createHmac } from 'node:crypto'

const headerBytes = 12
const tagBytes = 10

function keystream(key: Buffer, counter: Buffer, input: Buffer): Buffer {
  const cipher = createCipheriv('aes-128-ctr', key, counter)
  return Buffer.concat([cipher.update(input), cipher.final()])
}

/** Section 4.3.1: label 0 = encryption, 1 = authentication, 2 = salt. */
function derive(master: Buffer, label: number, length: number): Buffer {
  const counter = Buffer.concat([master.subarray(16, 30), Buffer.alloc(2)])
  counter[7] = (counter[7] ?? 0) ^ label
  return keystream(master.subarray(0, 16), counter, Buffer.alloc(length))
}

/** Section 4.1.1; encrypting and decrypting are the same. */
function crypt(master: Buffer, packet: Buffer): Buffer {
  const counter = Buffer.concat([derive(master, 2, 14), Buffer.alloc(2)])
  for (let i = 0; i < 4; i++) counter[4 + i] = (counter[4 + i] ?? 0) ^ (packet[8 + i] ?? 0)
  for (let i = 0; i < 2; i++) counter[12 + i] = (counter[12 + i] ?? 0) ^ (packet[2 + i] ?? 0)
  const payload = keystream(derive(master, 0, 16), counter, packet.subarray(headerBytes))
  return Buffer.concat([packet.subarray(0, headerBytes), payload])
}

const tagOf = (master: Buffer, packet: Buffer): Buffer =>
  createHmac('sha1', derive(master, 1, 20))
    .update(packet)
    .update(Buffer.alloc(4))
    .digest()
    .subarray(0, tagBytes)

/** `master` = the 30 bytes of key and salt in a=crypto (RFC 4568 6.1). */
export function protect(master: Buffer, packet: Buffer): Buffer {
  const encrypted = crypt(master, packet)
  return Buffer.concat([encrypted, tagOf(master, encrypted)])
}

/** undefined = the tag does not fit. */
export function unprotect(master: Buffer, packet: Buffer): Buffer | undefined {
  const encrypted = packet.subarray(0, packet.length - tagBytes)
  return tagOf(master, encrypted).equals(packet.subarray(-tagBytes)) ? crypt(master, encrypted) : undefined
}
