// Connections that somebody opens and leaves: bounded, so that they cannot take what SIP needs.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { openApiRig } from '../../test/kit/api.ts'

const connectionsMax = 20

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

test('connections are bounded: one more is closed at once, and there is room again when one goes', async () => {
  const rig = await openApiRig({ connectionsMax })
  const { port } = rig.server
  const silent = await Promise.all(Array.from({ length: connectionsMax }, () => open(port)))
  // The server has taken them all when the last one is answered.
  const last = silent.at(-1)
  last?.write('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  await once(last as Socket, 'data')
  const more = connect(port, '127.0.0.1')
  more.on('error', () => undefined)
  await once(more, 'close')
  for (const socket of silent) socket.destroy()
  const until = performance.now() + 10_000
  let status = 0
  while (status !== 200 && performance.now() < until)
    status = await rig
      .fetch('GET', '/healthz')
      .then((answer) => answer.status)
      .catch(() => 0)
  assert.equal(status, 200)
  await rig.close()
})
