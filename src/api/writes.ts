// How bodies of configured objects are checked. The service that stores them checks everything (also what no schema can:
// names, overlaps, ties), so such a body goes to it as it came; the schema of the route is its documentation.
import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import { pathText } from './problem.ts'

interface Described {
  /** Of the component in the OpenAPI document. */
  readonly name: string
  readonly schema: z.core.$ZodType
  readonly example: object
}

const descriptions = new Map<z.core.$ZodType, Described>()
const bodies = new Map<string, z.ZodUnknown>()

/** A body that its service checks: any value here, described as a component of the OpenAPI document. */
export function checkedByService(name: string, schema: z.core.$ZodType, example: object): z.ZodUnknown {
  const known = bodies.get(name)
  if (known !== undefined) return known
  const body = z.unknown().meta({ examples: [example] })
  bodies.set(name, body)
  descriptions.set(body, { name, schema, example })
  return body
}

/** What describes this body, if it is one that its service checks. */
export const descriptionOf = (body: z.core.$ZodType): Described | undefined => descriptions.get(body)

/** All of them, for the components. */
export const allDescriptions = (): Described[] => [...descriptions.values()]

/** All fields of a PUT: what the body leaves out takes its default. Fault `invalid` with paths. */
export function replacementOf<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const errors = result.error.issues.map((issue) => ({ path: pathText(issue.path), message: issue.message }))
  throw new Fault('invalid', errors.length === 1 ? '1 error in the input' : `${errors.length} errors in the input`, {
    errors,
  })
}
