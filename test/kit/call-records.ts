// Call records for tests of whatever stores or shows them.
import type { AttemptRecord, CallRecord } from '../../src/call/record.ts'

const start = Date.UTC(2026, 0, 1)

export const attemptRecord = (change: Partial<AttemptRecord> = {}): AttemptRecord => ({
  endpointId: 'ep_acme1',
  accountId: 'car_acme',
  gateway: 'acme-1',
  account: 'Acme',
  target: 'udp:192.0.2.10:5060',
  callId: 'attempt@tollgate',
  destination: '00441782000000',
  startedAt: start + 5,
  firstReplyAt: start + 20,
  ringingAt: start + 100,
  endedAt: start + 61_000,
  status: 200,
  reason: 'answered',
  ...change,
})

/** The record of call number `number`: one answered minute, started `number` seconds after 2026 began. */
export const callRecord = (number: number, change: Partial<CallRecord> = {}): CallRecord => ({
  id: `call_${number}`,
  startedAt: start + number * 1_000,
  firstReplyAt: start + number * 1_000 + 20,
  ringingAt: start + number * 1_000 + 100,
  answeredAt: start + number * 1_000 + 1_000,
  endedAt: start + number * 1_000 + 61_000,
  setupMs: 100,
  ringMs: 900,
  talkMs: 60_000,
  sourceAddress: '198.51.100.20',
  sourcePort: 5060,
  sourceTransport: 'udp',
  callerAccountId: 'cus_pbx',
  callerAccount: 'PBX',
  callerEndpointId: 'ep_pbx',
  callerEndpoint: 'pbx',
  callerSipUserId: null,
  callerSipUser: null,
  callerCallId: `${number}@198.51.100.20`,
  routePrefix: '44',
  dialled: '441782000000',
  destination: '00441782000000',
  cli: '4930123456',
  outcome: 'answered',
  status: 200,
  reasonPhrase: 'OK',
  releaseReason: 'caller BYE',
  releasedBy: 'caller',
  detail: '',
  directoryRevision: 3,
  attempts: [attemptRecord()],
  explanation: 'identify 198.51.100.20 is pbx of customer PBX',
  ...change,
})
