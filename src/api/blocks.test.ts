// Blocks over HTTP: those made by hand and those that Tollgate made by itself, in one list, lifted the same way.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'

let rig: ApiRig
let automatic: { address: string; reason: string; since: number; until: number }[] = []

before(async () => {
  rig = await openApiRig()
  rig.answers.automaticBlocks = () => automatic
  rig.answers.liftBlock = ({ address }) => {
    const there = automatic.some((block) => block.address === address)
    automatic = automatic.filter((block) => block.address !== address)
    return there
  }
})
after(() => rig.close())

interface Row {
  readonly id: string
  readonly address: string
  readonly automatic: boolean
  readonly expiresAt: string | null
}

const rows = async (query = ''): Promise<Row[]> =>
  ((await rig.fetch('GET', `/api/v1/blocks${query}`)).json as { items: Row[] }).items

test('automatic blocks stand among the others, with their end, and can be filtered and searched', async () => {
  automatic = [{ address: '203.0.113.66', reason: '30 failures', since: 1_000, until: 61_000 }]
  const made = await rig.fetch('POST', '/api/v1/blocks', { body: { address: '198.51.100.0/24' } })
  assert.equal((made.json as Row).automatic, false)
  assert.deepEqual(
    (await rows()).map(({ address, automatic: own, expiresAt }) => [address, own, expiresAt]),
    [
      ['198.51.100.0/24', false, null],
      ['203.0.113.66', true, '1970-01-01T00:01:01.000Z'],
    ],
  )
  assert.deepEqual((await rows('?search=203.0')).length, 1)
})

test('DELETE lifts an automatic block, once, for engineers, and the audit says so', async () => {
  automatic = [{ address: '2001:db8::1', reason: '30 failures', since: 1_000, until: 61_000 }]
  const [row] = await rows('?search=2001')
  const url = `/api/v1/blocks/${encodeURIComponent(row?.id ?? '')}`
  assert.equal((await rig.fetch('DELETE', url, { key: rig.keys.support })).status, 403)
  assert.equal((await rig.fetch('DELETE', url)).status, 204)
  assert.equal((await rig.fetch('DELETE', url)).status, 404)
  assert.deepEqual(automatic, [])
  const audit = (await rig.fetch('GET', '/api/v1/audit')).json as { items: Record<string, unknown>[] }
  assert.deepEqual(
    audit.items.filter(({ name }) => name === '2001:db8::1').map(({ action, kind }) => [action, kind]),
    [['delete', 'block']],
  )
})
