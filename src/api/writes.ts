// How bodies of configured objects are checked. The service that stores them checks everything (also what no schema can:
// names, overlaps, ties), so such a body goes to it as it came; the schema of the route is its documentation.
import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import { pathText } from './problem.ts'

const documentation = new WeakMap<z.core.$ZodType, z.core.$ZodType>()

/** A body that its service checks: any value here, described as `schema` with an example in the OpenAPI document. */
export function checkedByService(schema: z.core.$ZodType, example: object): z.ZodUnknown {
  const body = z.unknown().meta({ examples: [example] })
  documentation.set(body, schema)
  return body
}

/** The schema that describes this one in the OpenAPI document. */
export const documentationOf = (schema: z.core.$ZodType): z.core.$ZodType | undefined => documentation.get(schema)

/** All fields of a PUT: what the body leaves out takes its default. Fault `invalid` with paths. */
export function replacementOf<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const errors = result.error.issues.map((issue) => ({ path: pathText(issue.path), message: issue.message }))
  throw new Fault('invalid', errors.length === 1 ? '1 error in the input' : `${errors.length} errors in the input`, {
    errors,
  })
}
