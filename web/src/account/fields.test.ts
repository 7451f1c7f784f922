// The editors have every field of the contract, with the defaults of the contract.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { carrierInput, sipUserInput } from '../../../src/contract/account.ts'
import { endpointInput } from '../../../src/contract/endpoint.ts'
import { accountFields, editedElsewhere } from './account-fields.ts'
import { endpointFields, endpointTabs } from './endpoint-fields.ts'
import type { FieldSpec } from './form-model.ts'
import { isObject, sameValue, textOf, valueAt } from './form-model.ts'
import { sipUserFields, sipUserTabs } from './sip-user-fields.ts'

interface SchemaDef {
  readonly type: string
  readonly innerType?: { readonly def: SchemaDef }
  readonly in?: { readonly def: SchemaDef }
  readonly shape?: Readonly<Record<string, { readonly def: SchemaDef }>>
}

/** `tls.verify`, `addresses`: the paths that a form has to offer; lists are one field. */
function pathsOf(def: SchemaDef, path = ''): string[] {
  const inner = def.innerType ?? def.in
  if (def.shape !== undefined)
    return Object.entries(def.shape).flatMap(([name, field]) =>
      pathsOf(field.def, path === '' ? name : `${path}.${name}`),
    )
  return inner === undefined ? [path] : pathsOf(inner.def, path)
}

const contract = (schema: unknown): string[] => pathsOf((schema as { def: SchemaDef }).def)
const pathsIn = (specs: readonly FieldSpec[]): string[] => specs.map((spec) => spec.path)

test('the editors have every field of the contract and no other', () => {
  assert.deepEqual(pathsIn(endpointFields).toSorted(), contract(endpointInput).toSorted())
  assert.deepEqual(pathsIn(sipUserFields).toSorted(), contract(sipUserInput).toSorted())
  const account = contract(carrierInput).filter((path) => !editedElsewhere.some((own) => own === path))
  assert.deepEqual(pathsIn(accountFields).toSorted(), account.toSorted())
})

test('what stands in an untouched field is the default of the contract', () => {
  const objects: readonly (readonly [readonly FieldSpec[], unknown])[] = [
    [endpointFields, endpointInput.parse({ name: 'a', direction: 'receives', addresses: ['192.0.2.1'] })],
    [sipUserFields, sipUserInput.parse({ username: 'a' })],
    [accountFields, carrierInput.parse({ name: 'a' })],
  ]
  const required = new Set(['name', 'direction', 'addresses', 'username'])
  for (const [specs, usual] of objects)
    for (const spec of specs) {
      if (required.has(spec.path)) continue
      const value = valueAt(usual, spec.path)
      const shown = 'usual' in spec ? spec.usual : undefined
      // Optional parts are absent as a whole; a choice shows them as the server would fill them.
      if (value === undefined) assert.ok(!spec.path.startsWith('probe.'), spec.path)
      else assert.ok(sameValue(shown, spec.kind === 'choice' ? textOf(value) : value), spec.path)
      assert.ok(!isObject(value), spec.path)
    }
})

test('every field stands on a tab that there is', () => {
  for (const spec of endpointFields)
    assert.ok(
      endpointTabs.some((tab) => tab === spec.tab),
      spec.path,
    )
  for (const spec of sipUserFields)
    assert.ok(
      sipUserTabs.some((tab) => tab === spec.tab),
      spec.path,
    )
})
