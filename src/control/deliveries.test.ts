import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forwardLog } from '../base/log.ts'
import type { DeliveryRow } from '../store/alert-rows.ts'
import { alertRow } from '../../test/kit/alert-row.ts'
import { FakeClock } from '../../test/kit/fake-clock.ts'
import { allOf, Deliveries, DeliveryFault } from './deliveries.ts'
import type { AlertMessage } from './deliveries.ts'

const messageOf = (id: string, event: AlertMessage['event'] = 'raised'): AlertMessage => ({
  event,
  alert: alertRow({ id }),
  text: 'carrier Acme: ASR 10 %',
  at: 0,
})

const turned = (id: string, event: AlertMessage['event'] = 'raised', name = 'Gateway red'): AlertMessage => ({
  ...messageOf(id, event),
  alert: alertRow({ id, name, kind: 'gatewayRed' }),
})

/** Turns of the event loop, so that what was begun is done. */
async function settle(turns = 10): Promise<void> {
  if (turns === 0) return
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  await settle(turns - 1)
}

/** Deliveries to a place that fails as often as `failures` says, and then takes what comes. */
function rigOf(failures: number, error: Error = new DeliveryFault('421 come later', false)) {
  const clock = new FakeClock()
  const sent: string[] = []
  const results: DeliveryRow[] = []
  const told: string[] = []
  let left = failures
  const channel = async (to: string, message: AlertMessage): Promise<string> => {
    if (left-- > 0) throw error
    const ids = allOf(message).map(({ alert }) => alert.id)
    sent.push(`${to} ${ids.join('+')} ${message.event}`)
    return '250 ok'
  }
  const log = forwardLog(() => undefined)
  const deliveries = new Deliveries({
    clock,
    log,
    mail: channel,
    webhook: channel,
    onResult: ({ alert: { id } }, row) => void (results.push(row), told.push(`${id} ${row.event} ${row.detail}`)),
  })
  const pass = async (seconds: number): Promise<void> => {
    clock.advance(seconds * 1_000)
    deliveries.look()
    await settle()
  }
  return { deliveries, sent, results, told, pass }
}

const short = ({ ok, pending, tries, detail }: DeliveryRow): unknown[] => [ok, pending, tries, detail]

test('a message that fails is tried again after growing pauses, and what became of each try is told', async () => {
  const { deliveries, sent, results, pass } = rigOf(2)
  deliveries.add('noc@example.com', messageOf('al_1'))
  await settle()
  await pass(4)
  assert.deepEqual(sent, [])
  await pass(1)
  await pass(29)
  assert.deepEqual(sent, [])
  await pass(1)
  assert.deepEqual(sent, ['noc@example.com al_1 raised'])
  assert.deepEqual(results.map(short), [
    [false, true, 1, '421 come later'],
    [false, true, 2, '421 come later'],
    [true, false, 3, '250 ok'],
  ])
  assert.equal(deliveries.waiting, 0)
})

test('it is given up after the last pause, and at once when the same again would fail alike', async () => {
  const patient = rigOf(100)
  patient.deliveries.add('noc@example.com', messageOf('al_1'))
  await settle()
  for (const seconds of [5, 30, 120, 600, 1_800]) await patient.pass(seconds)
  assert.deepEqual(patient.results.map(({ pending, tries }) => [pending, tries]).at(-1), [false, 6])
  assert.equal(patient.deliveries.waiting, 0)
  const refused = rigOf(100, new DeliveryFault('550 no such user', true))
  refused.deliveries.add('noc@example.com', messageOf('al_1'))
  await settle()
  assert.deepEqual(refused.results.map(short), [[false, false, 1, '550 no such user']])
})

test('one place gets its messages in order, and does not keep others waiting', async () => {
  const { deliveries, sent, pass } = rigOf(1)
  deliveries.add('slow@example.com', messageOf('al_1'))
  deliveries.add('slow@example.com', messageOf('al_1', 'recovered'))
  deliveries.add('https://hooks.example.com/', messageOf('al_1'))
  await settle()
  assert.deepEqual(sent, ['https://hooks.example.com/ al_1 raised'])
  await pass(5)
  assert.deepEqual(sent.slice(1), ['slow@example.com al_1 raised', 'slow@example.com al_1 recovered'])
})

test('what waits is bounded: one more is not sent, and that is said', async () => {
  const { deliveries, results } = rigOf(1_000_000)
  for (let i = 0; i < 1_001; i++) deliveries.add('noc@example.com', messageOf(`al_${i}`))
  assert.deepEqual(results.map(short), [[false, false, 0, 'not sent: too many messages wait']])
  assert.equal(deliveries.waiting, 1_000)
  await deliveries.close()
})

test('gateways that turn within five seconds are one message for each place and rule; each alert is told what became of it', async () => {
  const { deliveries, sent, told, pass } = rigOf(0)
  for (const to of ['noc@example.com', 'https://hooks.example.com/'])
    for (const id of ['g1', 'g2', 'g3']) deliveries.add(to, turned(id))
  deliveries.add('noc@example.com', turned('g4', 'raised', 'another rule'))
  await settle()
  assert.deepEqual(sent, [], 'they wait for each other')
  await pass(4)
  deliveries.add('https://hooks.example.com/', turned('g5'))
  await pass(1)
  assert.deepEqual(
    new Set(sent),
    new Set([
      'https://hooks.example.com/ g1+g2+g3+g5 raised',
      'noc@example.com g1+g2+g3 raised',
      'noc@example.com g4 raised',
    ]),
  )
  assert.deepEqual(
    told.filter((line) => line.startsWith('g2')),
    ['g2 raised 250 ok', 'g2 raised 250 ok'],
  )
  deliveries.add('noc@example.com', turned('g6'))
  await pass(5)
  assert.equal(sent.at(-1), 'noc@example.com g6 raised', 'what comes later goes by itself')
  assert.equal(deliveries.waiting, 0)
})

test('a gateway that flaps within the window is told of in its order, never twice in one message', async () => {
  const { deliveries, sent, pass } = rigOf(0)
  const events: [string, AlertMessage['event']][] = [
    ['g1', 'raised'],
    ['g2', 'raised'],
    ['g1', 'recovered'],
    ['g1b', 'raised'],
    ['g2', 'recovered'],
  ]
  for (const [id, event] of events) deliveries.add('noc@example.com', turned(id, event))
  await pass(5)
  assert.deepEqual(sent, [
    'noc@example.com g1+g2 raised',
    'noc@example.com g1 recovered',
    'noc@example.com g1b raised',
    'noc@example.com g2 recovered',
  ])
})

test('a group that fails is tried again as one, and 500 gateways are three messages', async () => {
  const { deliveries, sent, told, pass } = rigOf(1)
  for (let i = 0; i < 500; i++) deliveries.add('noc@example.com', turned(`g${i}`))
  assert.equal(deliveries.waiting, 3)
  await pass(5)
  assert.equal(told.filter((line) => line.endsWith('421 come later')).length, 200)
  await pass(5)
  assert.equal(sent.length, 3)
  assert.equal(told.filter((line) => line.endsWith('250 ok')).length, 500)
})
