// Alerts of a running server: a gateway that goes away and comes back is told of once each way, by mail and by webhook; a
// penalty takes a carrier out of real calls, leaves those that run, and ends.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { AlertItem } from '../../src/contract/api-alerts.ts'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { tollgateCommand } from '../kit/command.ts'
import { openMailServer } from '../kit/mail-server.ts'
import type { Mail } from '../kit/mail-server.ts'
import { Tollgate } from '../kit/tollgate.ts'
import { WireCaller } from '../kit/wire-caller.ts'

const net = '127.0.74'
const edge = { address: `${net}.10`, port: 5060 }
const gatewayAddress = { address: `${net}.11`, port: 5070 }
const mailHost = `${net}.12`
const hookHost = `${net}.13`

/** Answers OPTIONS with 200 and calls as their number says: 44200 -> 200, 44503 -> 503. */
async function openGateway(t: TestContext): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.on('message', (datagram, { address, port }) => {
    const text = datagram.toString('latin1')
    const method = text.slice(0, text.indexOf(' '))
    if (method === 'ACK') return
    const [, wanted] = /^INVITE sip:44(\d{3})@/.exec(text) ?? []
    const copied = text.split('\r\n').filter((line) => /^(?:Via|From|Call-ID|CSeq|Record-Route):/i.test(line))
    const to = /^To:.*$/im.exec(text)?.[0] ?? ''
    const status = method === 'INVITE' ? (wanted ?? '486') : '200'
    const lines = [`SIP/2.0 ${status} Test`, ...copied, to.includes('tag=') ? to : `${to};tag=g${port}`]
    const contact = `Contact: <sip:gateway@${gatewayAddress.address}:${gatewayAddress.port}>`
    socket.send([...lines, contact, 'Content-Length: 0', '', ''].join('\r\n'), port, address)
  })
  socket.bind(gatewayAddress.port, gatewayAddress.address)
  await once(socket, 'listening')
  t.after(() => closeGateway(socket))
  return socket
}

const closed = new WeakSet<Socket>()
function closeGateway(socket: Socket): void {
  if (!closed.has(socket)) socket.close()
  closed.add(socket)
}

interface Hook {
  readonly body: string
  readonly signature: string
  readonly timestamp: string
}

async function openHooks(t: TestContext): Promise<{ readonly url: string; readonly hooks: Hook[] }> {
  const hooks: Hook[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part
    })
    request.on('end', () => {
      const { 'tollgate-signature': signature, 'tollgate-timestamp': timestamp } = request.headers
      hooks.push({ body, signature: String(signature), timestamp: String(timestamp) })
      response.writeHead(204).end()
    })
  }).listen(0, hookHost)
  await once(server, 'listening')
  t.after(() => void server.close())
  return { url: `http://${hookHost}:${(server.address() as AddressInfo).port}/hook`, hooks }
}

const probe = { intervalSeconds: 1, intervalDownSeconds: 1, failuresDown: 2, successesUp: 2, timeoutMs: 500 }

function fileOf(alerts: NonNullable<NonNullable<DeclarativeInput['carriers']>[number]['alerts']>): DeclarativeInput {
  const gateway = {
    name: 'acme-1',
    direction: 'both' as const,
    addresses: [gatewayAddress.address],
    port: gatewayAddress.port,
    probe,
  }
  return {
    carriers: [{ name: 'Acme', alerts, endpoints: [gateway] }],
    customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends', addresses: [`${net}.14`] }] }],
    routes: [{ prefix: '44', from: 'any', targets: [{ carrier: 'Acme' }] }],
  }
}

/** Events named `alert` as they come. */
async function followAlerts(t: TestContext, tollgate: Tollgate): Promise<string[]> {
  const states: string[] = []
  const stop = new AbortController()
  t.after(() => stop.abort())
  const { body } = await tollgate.open('/api/v1/events', stop.signal)
  assert.ok(body)
  const read = async (): Promise<void> => {
    let text = ''
    for await (const part of body.pipeThrough(new TextDecoderStream())) {
      text += part
      const events = text.split('\n\n')
      text = events.pop() ?? ''
      for (const event of events)
        if (event.startsWith('event: alert\n'))
          states.push((JSON.parse(event.slice(event.indexOf('data: ') + 6)) as AlertItem).state)
    }
  }
  read().catch(() => undefined)
  return states
}

/** What the command line shows of one closed alert, and what it sends as a test. */
async function assertCommands(tollgate: Tollgate, mails: readonly Mail[]): Promise<void> {
  const { out } = await tollgateCommand(tollgate, 'alerts', '--account', 'Acme')
  assert.match(out, /closed .*Gateway red .*4 of 4/)
  const tested = await tollgateCommand(tollgate, 'alert-test', 'Acme', 'Gateway red')
  assert.deepEqual([tested.code, (tested.out.match(/ yes /g) ?? []).length], [0, 2], tested.out)
  assert.match(mails[2]?.text ?? '', /^Subject: \[Tollgate\] TEST Acme: Gateway red\r$/m)
  assert.equal((await tollgate.get<{ total: number }>('/alerts')).total, 1, 'a test raises nothing')
}

test('a gateway turns red: exactly one mail and one webhook; green again: exactly one recovery', async (t) => {
  const gateway = await openGateway(t)
  const mail = await openMailServer(mailHost)
  t.after(() => mail.close())
  const { url, hooks } = await openHooks(t)
  const tollgate = await Tollgate.start({
    sip: `${edge.address}:${edge.port}`,
    file: fileOf([{ name: 'Gateway red', kind: 'gatewayRed', email: ['noc@example.com'], webhook: url }]),
    environment: {
      TOLLGATE_SMTP_URL: `smtp://${mail.host}:${mail.port}`,
      TOLLGATE_MAIL_FROM: 'tollgate@edge.example',
      TOLLGATE_WEBHOOK_ALLOW: `${hookHost}/32`,
    },
  })
  t.after(() => tollgate.stop())
  const { body: made } = await tollgate.request('POST', '/api/v1/webhook-secret')
  const { secret } = made as { secret: string }
  const states = await followAlerts(t, tollgate)
  const alerts = async (): Promise<readonly AlertItem[]> =>
    (await tollgate.get<{ items: readonly AlertItem[] }>('/alerts')).items
  const gatewayStatus = async (): Promise<string> =>
    (await tollgate.get<{ status: string; lastProbe: unknown }[]>('/gateways'))
      .map(({ status, lastProbe }) => (lastProbe === null ? 'unknown' : status))
      .join()
  await tollgate.eventually('a green gateway', gatewayStatus, (status) => status === 'green')
  assert.deepEqual(await alerts(), [])

  closeGateway(gateway)
  const told = (found: readonly AlertItem[]): boolean => found[0]?.deliveries.every(({ ok }) => ok) === true
  const [raised] = await tollgate.eventually('the alert', alerts, (found) => found.length === 1 && told(found))
  assert.equal(raised?.state, 'open')
  assert.equal(raised?.subject, `acme-1 udp:${gatewayAddress.address}:${gatewayAddress.port}`)
  assert.match(
    raised?.text ?? '',
    /^carrier Acme: gateway acme-1 .* is red: OPTIONS failed 2 times: connection refused/,
  )
  assert.equal(await tollgate.metric('tollgate_alerts_open', 'gatewayRed'), 1)
  const [hook] = hooks
  const expected = createHmac('sha256', secret)
    .update(`${hook?.timestamp ?? ''}.${hook?.body ?? ''}`)
    .digest('hex')
  assert.equal(hook?.signature, `v1=${expected}`)

  const back = await openGateway(t)
  const [over] = await tollgate.eventually(
    'the recovery',
    alerts,
    (found) => found[0]?.state === 'closed' && found[0].deliveries.length === 4 && told(found),
  )
  assert.deepEqual(over?.deliveries.map(({ to, event }) => [to, event]).toSorted(), [
    [url, 'raised'],
    [url, 'recovered'],
    ['noc@example.com', 'raised'],
    ['noc@example.com', 'recovered'],
  ])
  assert.deepEqual(
    mail.mails.map(({ to, text }) => [...to, /^Subject: (.*)\r$/m.exec(text)?.[1]]),
    [
      ['noc@example.com', '[Tollgate] ALERT Acme: Gateway red'],
      ['noc@example.com', '[Tollgate] OK Acme: Gateway red'],
    ],
  )
  assert.deepEqual(
    hooks.map(({ body }) => (JSON.parse(body) as { event: string }).event),
    ['raised', 'recovered'],
  )
  assert.deepEqual(states, ['open', 'closed'])
  assert.equal(await tollgate.metric('tollgate_alerts_open', 'gatewayRed'), 0)
  await assertCommands(tollgate, mail.mails)
  closeGateway(back)
})

test('a penalty takes a carrier out of real calls in both directions, leaves the running call, and ends', async (t) => {
  const gateway = await openGateway(t)
  const tollgate = await Tollgate.start({
    sip: `${edge.address}:${edge.port}`,
    file: fileOf([{ name: 'Dead', kind: 'consecutiveFailures', threshold: 2, penaltyMinutes: 60 }]),
  })
  t.after(() => tollgate.stop())
  const customer = await WireCaller.open(`${net}.14`, edge)
  const carrier = await WireCaller.open(gatewayAddress.address, edge)
  t.after(() => {
    customer.close()
    carrier.close()
  })
  const call = async (number: string): Promise<number> => (await customer.request({ number })).status
  const suspension = async (): Promise<{ kind: string; reason: string; until: string } | null> =>
    (await tollgate.get<{ suspension: { kind: string; reason: string; until: string } | null }>('/carriers/Acme'))
      .suspension
  assert.equal(await call('44200'), 200)
  assert.equal(await call('44486'), 486)
  assert.equal((await carrier.request({ number: '44486' })).status, 404, 'its own route leads only back to it')
  assert.equal(await call('44503'), 503)
  assert.equal(await call('44503'), 503)
  const found = await tollgate.eventually('the penalty', suspension, (one) => one !== null)
  assert.deepEqual([found?.kind, found?.reason], ['penalty', 'alert Dead'])

  assert.equal(await call('44486'), 503, 'the gateway would have said 486')
  const refused = await carrier.request({ number: '44486' })
  assert.deepEqual([refused.status, refused.reasonPhrase], [403, 'IP Not Authorised'])
  const { body } = await tollgate.request('POST', '/api/v1/simulate', { sourceIp: `${net}.14`, destination: '44486' })
  const text = JSON.stringify(body)
  assert.ok(text.includes(`the account is suspended until ${found?.until ?? ''}: alert Dead`), text)
  assert.equal((await tollgate.get<{ total: number }>('/calls')).total, 1, 'the running call stays')
  const rows = await tollgate.get<{ reason: string }[]>('/gateways')
  assert.match(rows[0]?.reason ?? '', /^carrier Acme is suspended until/)

  const { out } = await tollgateCommand(tollgate, 'lift-suspension', 'Acme')
  assert.equal(out.trim(), 'carrier Acme takes calls again.')
  assert.equal(await call('44486'), 486)
  assert.equal((await carrier.request({ number: '44486' })).status, 404)

  const { id } = await tollgate.running.control.config.getAccount('carrier', 'Acme')
  await tollgate.running.control.suspensions.set(id, 'penalty', 'for a moment', Date.now() + 1_000)
  assert.equal(await call('44486'), 503)
  await tollgate.eventually(
    'the end of the penalty',
    () => call('44486'),
    (status) => status === 486,
  )
  const audit = await tollgate.get<{ items: { action: string; actor: string }[] }>('/audit?kind=carrier&name=Acme')
  await tollgate.running.control.suspensions.lift(id, { actor: { kind: 'system', id: null, name: 't', address: null } })
  assert.ok(audit.items.some(({ action, actor }) => action === 'suspend' && actor === 'alerts'))
  closeGateway(gateway)
})
