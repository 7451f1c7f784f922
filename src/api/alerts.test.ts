// Alerts by HTTP: the list with its filters, the event, a test, the secret that is told once, suspension and its end.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'
import type { AlertItem } from '../contract/api-alerts.ts'

const alerts = [
  { name: 'Busy', kind: 'channels', threshold: 10, email: ['noc@example.com'] },
  { name: '<img src=x onerror=alert(1)>', kind: 'callsPerSecond', threshold: 10 },
]

async function withRig(work: (rig: ApiRig, accountId: string) => Promise<void>): Promise<void> {
  const rig = await openApiRig()
  try {
    await rig.fetch('POST', '/api/v1/config/apply', { body: { carriers: [{ name: 'Acme', alerts }] } })
    await work(rig, (await rig.control.config.getAccount('carrier', 'Acme')).id)
  } finally {
    await rig.close()
  }
}

/** One look at `channels` live calls and as many calls per second. */
async function look(rig: ApiRig, accountId: string, channels: number): Promise<void> {
  const use = new Map([[accountId, { channels, callsPerSecond: channels }]])
  const answer = { targets: [], failures: new Map(), use }
  rig.answers.watched = () => answer
  await rig.control.alerts.look({ ask: async () => answer })
}

const listOf = async (rig: ApiRig, query = ''): Promise<AlertItem[]> =>
  ((await rig.fetch('GET', `/api/v1/alerts${query}`, { key: rig.keys.support })).json as { items: AlertItem[] }).items

test('alerts are listed for everybody, by account and state, with what became of telling somebody', () =>
  withRig(async (rig, accountId) => {
    await look(rig, accountId, 10)
    const items = await listOf(rig, '?state=open&account=Acme&sort=name')
    assert.deepEqual(
      items.map(({ name, state, value, threshold, account }) => [name, state, value, threshold, account]),
      [
        ['<img src=x onerror=alert(1)>', 'open', 10, 10, 'Acme'],
        ['Busy', 'open', 10, 10, 'Acme'],
      ],
    )
    const [delivery] = (await listOf(rig, '?name=Busy'))[0]?.deliveries ?? []
    assert.deepEqual([delivery?.to, delivery?.event, delivery?.ok], ['noc@example.com', 'raised', false])
    await look(rig, accountId, 0)
    assert.equal((await listOf(rig, '?state=open')).length, 0)
    assert.equal((await listOf(rig, `?state=closed&account=${accountId}`)).length, 2)
    assert.equal((await listOf(rig, '?account=nobody')).length, 0)
    const wrong = await rig.fetch('GET', '/api/v1/alerts?state=ajar')
    assert.equal(wrong.status, 400)
  }))

test('an alert is an event of the stream when it is raised and when it is over', () =>
  withRig(async (rig, accountId) => {
    rig.answers.gateways = () => []
    const response = await fetch(`${rig.server.address}/api/v1/events`, {
      headers: { authorization: `Bearer ${rig.keys.support}` },
    })
    assert.ok(response.body)
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    await look(rig, accountId, 10)
    await look(rig, accountId, 0)
    let text = ''
    while ((text.match(/event: alert\n/g) ?? []).length < 4) {
      const { value, done } = await reader.read()
      if (done) break
      text += value
    }
    await reader.cancel()
    const states = [...text.matchAll(/event: alert\ndata: (.*)\n/g)].map(
      ([, data = '{}']) => (JSON.parse(data) as AlertItem).state,
    )
    assert.deepEqual(states, ['open', 'open', 'closed', 'closed'])
  }))

test('a test sends once and says what came back; what is not there is 404; it raises nothing and is audited', () =>
  withRig(async (rig) => {
    const sent = await rig.fetch('POST', '/api/v1/alerts/test', { body: { accountId: 'Acme', name: 'Busy' } })
    assert.equal(sent.status, 200)
    const { deliveries } = sent.json as { deliveries: AlertItem['deliveries'] }
    assert.deepEqual(
      deliveries.map(({ to, event, ok, detail }) => [to, event, ok, detail]),
      [['noc@example.com', 'test', false, 'no mail server is configured (TOLLGATE_SMTP_URL)']],
    )
    assert.deepEqual(await listOf(rig), [])
    for (const body of [
      { accountId: 'Acme', name: 'nothing' },
      { accountId: 'nobody', name: 'Busy' },
    ])
      assert.equal((await rig.fetch('POST', '/api/v1/alerts/test', { body })).status, 404)
    const refused = await rig.fetch('POST', '/api/v1/alerts/test', {
      key: rig.keys.support,
      body: { accountId: 'Acme', name: 'Busy' },
    })
    assert.equal(refused.status, 403)
    const audit = await rig.fetch('GET', '/api/v1/audit?kind=alert')
    assert.match(audit.text, /"action":"test".*"name":"Acme\/Busy"/)
  }))

test('a rule for all accounts is tested without an account', () =>
  withRig(async (rig) => {
    const rules = [{ name: 'Red anywhere', kind: 'gatewayRed', accounts: 'any', email: ['all@example.com'] }]
    assert.equal((await rig.fetch('PATCH', '/api/v1/system', { body: { alerts: rules } })).status, 200)
    const sent = await rig.fetch('POST', '/api/v1/alerts/test', { body: { name: 'Red anywhere' } })
    assert.equal(sent.status, 200)
    const { deliveries } = sent.json as { deliveries: AlertItem['deliveries'] }
    assert.deepEqual(
      deliveries.map(({ to, event }) => [to, event]),
      [['all@example.com', 'test']],
    )
    assert.deepEqual(await listOf(rig), [])
    // A rule of one account is not one for all.
    assert.equal((await rig.fetch('POST', '/api/v1/alerts/test', { body: { name: 'Busy' } })).status, 404)
    const audit = await rig.fetch('GET', '/api/v1/audit?kind=alert')
    assert.match(audit.text, /"name":"all accounts\/Red anywhere"/)
  }))

test('the webhook secret is told once, changes each time, and is nowhere else', () =>
  withRig(async (rig) => {
    const make = async (): Promise<string> =>
      ((await rig.fetch('POST', '/api/v1/webhook-secret')).json as { secret: string }).secret
    const [first, second] = [await make(), await make()]
    assert.match(first, /^whsec_[\w-]{43}$/)
    assert.notEqual(first, second)
    assert.equal((await rig.fetch('POST', '/api/v1/webhook-secret', { key: rig.keys.support })).status, 403)
    for (const path of ['system', 'audit', 'config/export', 'alerts', 'config/revisions']) {
      const { text } = await rig.fetch('GET', `/api/v1/${path}`)
      assert.ok(!text.includes(first) && !text.includes(second), path)
    }
    assert.ok(!rig.logLines.join('\n').includes('whsec_'))
  }))

test('a suspended account says so, and engineers may lift it; both are audited', () =>
  withRig(async (rig, accountId) => {
    const view = async (): Promise<unknown> =>
      ((await rig.fetch('GET', '/api/v1/carriers/Acme')).json as { suspension: unknown }).suspension
    assert.equal(await view(), null)
    const until = Date.now() + 3_600_000
    await rig.control.suspensions.set(accountId, 'penalty', 'alert Busy', until)
    const shown = { kind: 'penalty', reason: 'alert Busy', until: new Date(until).toISOString() }
    assert.deepEqual(await view(), shown)
    const list = await rig.fetch('GET', '/api/v1/carriers')
    assert.deepEqual((list.json as { items: { suspension: unknown }[] }).items[0]?.suspension, shown)
    const path = '/api/v1/carriers/Acme/lift-suspension'
    assert.equal((await rig.fetch('POST', path, { key: rig.keys.support })).status, 403)
    const lifted = await rig.fetch('POST', path, { key: rig.keys.engineer, headers: { 'x-reason': 'mended' } })
    assert.deepEqual([lifted.status, (lifted.json as { suspension: unknown }).suspension], [200, null])
    assert.equal((await rig.fetch('POST', path)).status, 200, 'once more changes nothing')
    const { text } = await rig.fetch('GET', '/api/v1/audit?kind=carrier&name=Acme')
    assert.match(text, /"action":"lift suspension".*"reason":"mended"/)
    assert.match(text, /"actor":"alerts".*"action":"suspend"/)
  }))
