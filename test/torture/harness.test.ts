// The torture runners against two small servers: one that keeps to the table and one that answers 200 to whatever comes.
// So a passing run over the real server means something.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { headerIds } from '../../src/sip/header.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { type ParseFault, parseDatagram, parseFramed } from '../../src/sip/parse.ts'
import { buildResponse } from '../../src/sip/respond.ts'
import { StreamFramer } from '../../src/sip/stream-framer.ts'
import { schemeOf } from '../../src/sip/uri.ts'
import { responsePort } from '../../src/sip/via.ts'
import { runTcp } from './run-tcp.ts'
import { type TortureOutcome, type TortureTarget, runUdp } from './run-udp.ts'
import { tortureTable } from './table.ts'

/** The status that answers a request; undefined = no answer. */
type Policy = (result: SipMessage | ParseFault, address: string) => number | undefined

const wellBehaved: Policy = (result) => {
  if (result.kind === 'fault') return result.status
  if (result.kind === 'response' || result.method === 'ACK') return undefined
  if (!schemeOf(result.requestUri).startsWith('sip')) return 416
  if (result.find(headerIds.require) !== -1) return 420
  if (result.maxForwards === 0) return 483
  if (result.method === 'OPTIONS') return 200
  return /^(?:INVITE|REGISTER|MESSAGE)$/.test(result.method) ? 404 : 501
}

const careless: Policy = () => 200

function answerTo(result: SipMessage | ParseFault, status: number | undefined): Buffer | undefined {
  const request = result.kind === 'fault' ? result.message : result
  return status === undefined || request === undefined ? undefined : buildResponse(request, { status, toTag: 'server' })
}

async function openUdpServer(t: TestContext, address: string, policy: Policy): Promise<number> {
  const socket = createSocket('udp4')
  socket.on('message', (bytes, from) => {
    const result = parseDatagram(bytes)
    const request = result.kind === 'fault' ? result.message : result
    const answer = answerTo(result, policy(result, from.address))
    if (answer !== undefined && request !== undefined)
      socket.send(answer, responsePort(request.topVia, from.port), from.address)
  })
  socket.bind(0, address)
  await once(socket, 'listening')
  t.after(() => socket.close())
  return socket.address().port
}

function serve(socket: Socket, policy: Policy): void {
  const framer = new StreamFramer()
  const from = socket.remoteAddress ?? ''
  socket.on('error', () => undefined)
  socket.on('data', (bytes) => {
    framer.push(Buffer.from(bytes))
    for (let next = framer.next(); next !== undefined; next = framer.next()) {
      const result = Buffer.isBuffer(next) ? parseFramed(next) : next
      const answer = answerTo(result, policy(result, from))
      if (answer !== undefined) socket.write(answer)
      if (Buffer.isBuffer(next)) continue
      if (policy !== careless) socket.end()
      return
    }
  })
}

async function openTcpServer(t: TestContext, address: string, policy: Policy): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    serve(socket, policy)
  })
  server.listen(0, address)
  await once(server, 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}

const failures = (outcomes: readonly TortureOutcome[]): string[] =>
  outcomes.flatMap(({ row, verdict }) => (verdict === undefined ? [] : [`${row.name}: ${verdict}`]))

const address = '127.0.81.1'
const target = (port: number): TortureTarget => ({ address, port, sourceAddress: '127.0.81.2' })

test('a server that keeps to the table passes over UDP', async (t) => {
  const outcomes = await runUdp(target(await openUdpServer(t, address, wellBehaved)))
  assert.equal(outcomes.length, tortureTable.length)
  assert.deepEqual(failures(outcomes), [])
})

test('a server that keeps to the table passes over TCP', async (t) => {
  const outcomes = await runTcp(target(await openTcpServer(t, address, wellBehaved)))
  assert.equal(outcomes.length, tortureTable.length)
  assert.deepEqual(failures(outcomes), [])
})

test('a server that answers 200 to everything fails where it must', async (t) => {
  const failed = failures(await runUdp(target(await openUdpServer(t, address, careless))))
  for (const name of ['quotbal', 'badvers', 'unkscm', 'bext01', 'multi01', 'scalar02', 'insuf'])
    assert(
      failed.some((line) => line.startsWith(`${name}:`)),
      name,
    )
  const stream = failures(await runTcp(target(await openTcpServer(t, address, careless))))
  for (const name of ['ncl', 'mcl01', 'inv2543', 'badvers'])
    assert(
      stream.some((line) => line.startsWith(`${name}:`)),
      name,
    )
})

test('a stranger is refused: a server that serves everybody fails', async (t) => {
  const closed: Policy = (result, from) => (from === '127.0.81.3' ? wellBehaved(result, from) : 403)
  const stranger = (port: number): TortureTarget => ({ ...target(port), controlAddress: '127.0.81.3' })
  assert.deepEqual(failures(await runUdp(stranger(await openUdpServer(t, address, closed)))), [])
  assert.deepEqual(failures(await runTcp(stranger(await openTcpServer(t, address, closed)))), [])
  assert(failures(await runUdp(stranger(await openUdpServer(t, address, wellBehaved)))).length > 0)
})
