// Restore over HTTP: a large file that is no backup is refused with its reason while most of it is still on its way.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openApiRig } from '../../test/kit/api.ts'

const tarType = 'application/x-tar'

test('a large file that is no backup hears why, and nothing is opened again', async () => {
  const rig = await openApiRig()
  try {
    const headers = { authorization: `Bearer ${rig.keys.administrator}`, 'content-type': tarType }
    const body = new Uint8Array(40_000_000).fill(120)
    const answer = await fetch(`${rig.server.address}/api/v1/restore`, { method: 'POST', headers, body })
    assert.equal(answer.status, 400)
    assert.match(await answer.text(), /no backup of Tollgate/)
    assert.deepEqual(rig.restarts, [])
    const other = await rig.fetch('GET', '/api/v1/me')
    assert.equal(other.status, 200)
  } finally {
    await rig.close()
  }
})

test('a backup that the same server took is taken back, and the services are asked to open again', async () => {
  const rig = await openApiRig()
  try {
    const headers = { authorization: `Bearer ${rig.keys.administrator}` }
    const taken = await fetch(`${rig.server.address}/api/v1/backup`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
    })
    const body = await taken.bytes()
    const answer = await fetch(`${rig.server.address}/api/v1/restore`, {
      method: 'POST',
      headers: { ...headers, 'content-type': tarType },
      body,
    })
    assert.equal(answer.status, 200)
    assert.partialDeepStrictEqual(await answer.json(), { revision: 0 })
    const end = performance.now() + 10_000
    while (rig.restarts.length === 0 && performance.now() < end) await new Promise((resolve) => setImmediate(resolve))
    assert.equal(rig.restarts.length, 1)
  } finally {
    await rig.close()
  }
})
