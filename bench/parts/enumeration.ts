// Whether the time of a wrong digest answer tells who exists: known, unknown and disabled users, in turns, in this process.
import { seededRandom } from '../../src/base/random.ts'
import { parseAddress } from '../../src/contract/address.ts'
import type { IpAddress } from '../../src/contract/address.ts'
import type { Directory } from '../../src/directory/directory.ts'
import { Authenticator } from '../../src/policy/authenticate.ts'
import { noSuspensions } from '../../src/policy/suspensions.ts'
import { directoryOf } from '../../test/kit/directory.ts'
import { answerTo, readChallenge } from '../../test/kit/digest-caller.ts'
import type { Part, Row } from '../part.ts'

interface EnumerationResult {
  readonly tries: number
  readonly knownNanoseconds: number
  readonly unknownNanoseconds: number
  readonly disabledNanoseconds: number
  /** Largest difference between two medians, as a share of the smallest. */
  readonly spread: number
}

const tries = 5_000
const warmTries = 2_000
const uri = 'sip:441782000000@192.0.2.1'
const password = 'S3cret!pw'
const names = ['u1000', 'nobody', 'disabled'] as const

function makeDirectory(): Directory {
  const sipUsers = Array.from({ length: 2_000 }, (_, i) => ({ username: `u${i}`, password }))
  return directoryOf({
    customers: [
      { name: 'PBX', sipUsers },
      { name: 'Shut', status: 'inactive', sipUsers: [{ username: 'disabled', password }] },
    ],
  })
}

/** Nanoseconds of one wrong answer, each from a source of its own, so that no lock is met. */
function measureOne(authenticator: Authenticator, directory: Directory, username: string, number: number): number {
  const address = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`
  const facts = {
    address,
    ip: parseAddress(address) as IpAddress,
    port: 5_060,
    transport: 'udp' as const,
    listener: 'main',
    dialled: '441782000000',
    fromUser: '441',
    assertedUser: undefined,
  }
  const request = { method: 'INVITE', requestUri: uri, facts, wallMs: 0, suspensions: noSuspensions }
  const asked = authenticator.authenticate(directory, { ...request, credentials: [] })
  const challenge = readChallenge(asked.kind === 'challenge' ? (asked.values[0] ?? '') : '')
  const wrong = { ...request, credentials: [answerTo(challenge, { username, password: 'wrong', uri })] }
  const start = process.hrtime.bigint()
  authenticator.authenticate(directory, wrong)
  return Number(process.hrtime.bigint() - start)
}

const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

function measureEnumeration(): EnumerationResult {
  const clock = { nowMs: () => 0, wallMs: () => 0 }
  const authenticator = new Authenticator(clock, seededRandom(1))
  const directory = makeDirectory()
  const times = names.map((): number[] => [])
  let number = 0
  for (let turn = 0; turn < warmTries + tries; turn++)
    for (const [i, name] of names.entries()) {
      const nanoseconds = measureOne(authenticator, directory, name, (number += 1))
      if (turn >= warmTries) times[i]?.push(nanoseconds)
    }
  const medians = times.map(medianOf)
  const [known = 0, unknown = 0, disabled = 0] = medians
  return {
    tries,
    knownNanoseconds: known,
    unknownNanoseconds: unknown,
    disabledNanoseconds: disabled,
    spread: Math.round(((Math.max(...medians) - Math.min(...medians)) / Math.min(...medians)) * 10_000) / 10_000,
  }
}

const row = (what: string, tollgate: number, unit: string): Row => ({ what, unit, tollgate, kamailio: null })

export const enumerationPart: Part = {
  name: 'enumeration',
  about: 'whether the time of a wrong digest answer tells who exists',
  limitSeconds: () => 120,
  measure: () => {
    const figures = measureEnumeration()
    const rows = [
      row('wrong digest answer for a SIP user that exists, median', figures.knownNanoseconds, 'ns'),
      row('... for one that does not exist', figures.unknownNanoseconds, 'ns'),
      row('... for one of a disabled account', figures.disabledNanoseconds, 'ns'),
      {
        ...row('... largest difference between two of them', figures.spread * 100, '%'),
        target: { of: 'tollgate', atMost: 5 },
      } as const,
    ]
    return Promise.resolve({ rows, invalid: [], figures })
  },
}
