import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Fault } from '../base/fault.ts'
import { tester, withControl } from '../../test/kit/control-rig.ts'

const invalid = (detail: RegExp) => (error: unknown) =>
  error instanceof Fault && error.code === 'invalid' && detail.test(error.message)

const file = `
carriers:
  - name: Acme
    channelsMax: 5
    endpoints: [{ name: a, direction: receives, addresses: [192.0.2.1] }] # a gateway
`

test('the start file is applied once; a restart with the same file does not undo what people changed since', () =>
  withControl(async (rig) => {
    const path = join(rig.dataDir, 'start.yaml')
    writeFileSync(path, file)
    assert.equal((await rig.control.applyStartFile(path))?.plan.length, 2)
    await rig.control.config.updateAccount('carrier', 'Acme', { channelsMax: 9 }, tester)
    const control = await rig.reopen()
    assert.equal(await control.applyStartFile(path), undefined)
    assert.equal((await control.config.getAccount('carrier', 'Acme')).config.channelsMax, 9)
    writeFileSync(path, `${file}\n# changed`)
    assert.equal((await control.applyStartFile(path))?.plan.length, 1)
    assert.equal((await control.config.getAccount('carrier', 'Acme')).config.channelsMax, 5)
    const [entry] = (await control.audit.list({ limit: 1 })).items
    assert.deepEqual([entry?.actor, entry?.actorKind, entry?.reason], ['TOLLGATE_CONFIG', 'system', path])
  }))

test('a start file that fails is not remembered: mended or not, it is tried again', () =>
  withControl(async ({ control, dataDir }) => {
    const path = join(dataDir, 'start.yaml')
    await assert.rejects(control.applyStartFile(path), invalid(/cannot be read/))
    writeFileSync(path, 'carriers: [')
    await assert.rejects(control.applyStartFile(path), invalid(/no YAML or JSON/))
    writeFileSync(path, file.replace('192.0.2.1', '192.0.2.999'))
    const wrong = invalid(/^carriers\[0\]\.endpoints\[0\]\.addresses\[0\]: "192\.0\.2\.999"/)
    await assert.rejects(control.applyStartFile(path), wrong)
    await assert.rejects(control.applyStartFile(path), wrong)
    assert.equal(control.config.revision, 0)
    writeFileSync(path, JSON.stringify({ carriers: [{ name: 'Json' }] }))
    assert.equal((await control.applyStartFile(path))?.applied, true)
  }))

test('a start file in JSON is read as YAML would read it: a key that stands twice is refused, comments are not', () =>
  withControl(async ({ control, dataDir }) => {
    const path = join(dataDir, 'start.json')
    writeFileSync(path, '{"carriers": [{"name": "Acme"}], "carriers": []}')
    await assert.rejects(control.applyStartFile(path), invalid(/no YAML or JSON: .*unique/))
    writeFileSync(path, '{"__proto__": {}}')
    await assert.rejects(control.applyStartFile(path), invalid(/__proto__/))
    writeFileSync(path, '{"carriers": [{"name": "Acme"}], # a comment\n"customers": [{"name": "Shop"}]}')
    assert.equal((await control.applyStartFile(path))?.plan.length, 2)
  }))
