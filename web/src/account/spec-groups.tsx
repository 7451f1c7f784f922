// The groups of fields of one tab.
import type { ReactNode } from 'react'
import type { FieldSpec } from './form-model.ts'
import { groupsOf } from './form-model.ts'
import type { FieldContext } from './spec-field.tsx'
import { SpecField } from './spec-field.tsx'

const wide = new Set<FieldSpec['kind']>(['area', 'lines', 'own'])

interface GroupsProps {
  readonly specs: readonly FieldSpec[]
  readonly tab: string
  readonly context: FieldContext
}

export function SpecGroups({ specs, tab, context }: GroupsProps): ReactNode {
  return groupsOf(specs, tab, context.draft).map(([group, fields]) => (
    <fieldset key={group} className="spec-group">
      {group === '' ? null : <legend>{group}</legend>}
      <div className="spec-fields">
        {fields.map((spec) => (
          <div key={spec.path} className="spec-field" data-wide={wide.has(spec.kind) || spec.path === 'direction'}>
            <SpecField spec={spec} context={context} />
          </div>
        ))}
      </div>
    </fieldset>
  ))
}
