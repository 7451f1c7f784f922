// The plan of an apply, a diff or a rollback, written like a diff.
import type { ApplyAnswer, PlanItem } from '../contract/api-config.ts'
import { paint, printable, type Style } from './table.ts'

const signs: Readonly<Record<PlanItem['action'], readonly [sign: string, style: Style]>> = {
  create: ['+', 'green'],
  update: ['~', 'yellow'],
  delete: ['-', 'red'],
}

const kindNames: Readonly<Record<PlanItem['kind'], string>> = {
  system: 'system',
  carrier: 'carrier',
  customer: 'customer',
  endpoint: 'endpoint',
  sipUser: 'SIP user',
  route: 'route',
  block: 'block',
}

const valueText = (value: unknown): string => {
  const text =
    value === undefined || value === null ? 'none' : typeof value === 'string' ? value : JSON.stringify(value)
  return printable(text.length > 100 ? `${text.slice(0, 99)}…` : text === '' ? '""' : text)
}

function changeLines({ action, changes }: PlanItem): string[] {
  if (action === 'delete') return []
  if (action === 'create')
    return changes.map(({ field, after }) => paint('green', `+   ${printable(field)}: ${valueText(after)}`))
  return changes.flatMap(({ field, before, after }) => [
    paint('red', `-   ${printable(field)}: ${valueText(before)}`),
    paint('green', `+   ${printable(field)}: ${valueText(after)}`),
  ])
}

/** One block for each object: what happens to it, and its fields before (-) and after (+). */
function planLines(plan: readonly PlanItem[]): string[] {
  return plan.flatMap((line) => {
    const [sign, style] = signs[line.action]
    const name = line.kind === 'system' ? '' : ` ${printable(line.name)}`
    return [paint(style, `${sign} ${kindNames[line.kind]}${name}`), ...changeLines(line)]
  })
}

const countText = (count: number): string => (count === 1 ? '1 change' : `${count} changes`)

/** Plan, warnings, and one sentence about what was done. */
export function applyLines(answer: ApplyAnswer): string[] {
  const warnings = answer.warnings.map(({ path, message }) =>
    paint('yellow', `warning: ${path === '' ? '' : `${printable(path)}: `}${printable(message)}`),
  )
  const { applied, plan, revision } = answer
  const done =
    plan.length === 0
      ? `No changes; revision ${revision} is in force.`
      : applied
        ? `${countText(plan.length)} applied; revision ${revision} is in force.`
        : `${countText(plan.length)} to make; nothing was changed (revision ${revision} is in force).`
  return [...planLines(plan), ...(plan.length > 0 ? [''] : []), ...warnings, done]
}
