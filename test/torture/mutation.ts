// Damages messages: flips, cuts, doubles, inserts, splices. Repeats from the seed of its Random.
import { type Random, randomBelow } from '../../src/base/random.ts'

/** Bytes and words on which parsers stumble. */
const pieces = [
  '\r\n',
  '\r\n ',
  '\r\n\r\n',
  '\n',
  '\r',
  '\0',
  '\t',
  ' ',
  ':',
  ';',
  ',',
  '"',
  '\\',
  '\\"',
  '<',
  '>',
  '@',
  '%',
  '%00',
  '[',
  ']',
  '=',
  '?',
  '/',
  '*',
  ';tag=',
  ';;;;',
  ';rport',
  ';received=::1',
  'SIP/2.0',
  'SIP/3.0',
  'sip:',
  '4294967296',
  '-1',
  '\r\nVia: SIP/2.0/UDP a',
  '\r\nv:',
  '\r\nl: 0',
  '\r\nContent-Length: 999999',
  '\r\nTo: <sip:x@y>',
  '\r\nRoute: <sip:x;lr>, ',
  '\xff',
  '\xc3\x28',
  '\xed\xa0\x80',
  '\x7f',
].map((text) => Buffer.from(text, 'latin1'))

const spans = [1, 2, 8, 64, 512]

function mutateOnce(random: Random, bytes: Buffer, others: readonly Buffer[]): Buffer {
  const at = randomBelow(random, bytes.length + 1)
  const span = randomBelow(random, spans[randomBelow(random, spans.length)] ?? 1) + 1
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  switch (randomBelow(random, 6)) {
    case 0: {
      const copy = Buffer.from(bytes)
      if (at < copy.length) copy[at] = randomBelow(random, 256)
      return copy
    }
    case 1:
      return Buffer.concat([before, after.subarray(span)])
    case 2:
      return before
    case 3:
      return Buffer.concat([before, after.subarray(0, span), after])
    case 4:
      return Buffer.concat([before, pieces[randomBelow(random, pieces.length)] ?? Buffer.alloc(0), after])
    default: {
      const other = others[randomBelow(random, others.length)] ?? bytes
      const start = randomBelow(random, other.length + 1)
      return Buffer.concat([before, other.subarray(start, start + span), after.subarray(span)])
    }
  }
}

/** One to three damages to one of the messages. */
export function mutate(random: Random, messages: readonly Buffer[]): Buffer {
  let bytes = messages[randomBelow(random, messages.length)] ?? Buffer.alloc(0)
  for (let left = randomBelow(random, 3); left >= 0; left--) bytes = mutateOnce(random, bytes, messages)
  return bytes
}
