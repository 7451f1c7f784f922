// What the OpenAPI document says of every operation, taken from its row of the operations table, and the document itself.
import swagger from '@fastify/swagger'
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { problem } from '../contract/api-common.ts'
import type { ApiApp } from './app.ts'
import { basePath, type Operation } from './operations.ts'
import { allDescriptions, descriptionOf } from './writes.ts'

/** An answer without a body. */
export const noContent = { 204: z.undefined().describe('Done') }

/** `GET /api/v1/carriers/:id` -> `getCarriersById`. */
function operationIdOf({ method, path }: Operation): string {
  const words = path
    .replace(basePath, '')
    .split(/[/.-]/)
    .filter((word) => word !== '')
    .map((word) => (word.startsWith(':') ? `By-${word.slice(1)}` : word))
    .flatMap((word) => word.split('-'))
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

const problemAnswer = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problem } },
})

function problemsOf({ access, path, change }: Operation): Record<string, unknown> {
  const guarded = access !== 'always' && access !== 'afterSetup'
  return {
    ...(path.startsWith(basePath) ? { 400: problemAnswer('Invalid input; `errors` names each path') } : {}),
    ...(guarded ? { 401: problemAnswer('Not signed in'), 403: problemAnswer('Not permitted') } : {}),
    ...(path.includes(':id') ? { 404: problemAnswer('Not found') } : {}),
    ...(change && path.includes(':id') ? { 412: problemAnswer('Changed by someone else (If-Match)') } : {}),
  }
}

const describeComponents = createJsonSchemaTransformObject({ zodToJsonConfig: { override: describeTransforms } })

const referredFrom = (part: unknown): string[] =>
  [...JSON.stringify(part ?? null).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? '')

/**
 * The library writes each named schema twice, as it goes in and as it comes out; only what is referred to stays. Bodies
 * that their service checks come as components of their own.
 */
function completeComponents(document: ReturnType<typeof describeComponents>): ReturnType<typeof describeComponents> {
  if (!('components' in document) || document.components?.schemas === undefined) return document
  const bodies = allDescriptions().map(({ name, schema, example }) => [
    name,
    { ...inputSchema(schema), examples: [example] },
  ])
  const all: Record<string, unknown> = { ...document.components.schemas, ...Object.fromEntries(bodies) }
  const used = new Set(referredFrom(document.paths))
  // A set may grow while it is walked: what is referred to refers to others.
  for (const name of used) for (const further of referredFrom(all[name])) used.add(further)
  const schemas = Object.fromEntries([...used].toSorted().map((name) => [name, all[name]]))
  return { ...document, components: { ...document.components, schemas } } as ReturnType<typeof describeComponents>
}

/** Completes the schemas of routes from the table; must be added before the routes. */
export async function addDocuments(app: ApiApp, version: string): Promise<void> {
  app.addHook('onRoute', (route) => {
    const operation = route.config?.operation
    if (operation === undefined) return
    route.schema = {
      ...route.schema,
      hide: operation.tag === 'Console',
      tags: [operation.tag],
      summary: operation.summary,
      operationId: operationIdOf(operation),
      security: typeof operation.access === 'string' ? [] : [{ apiKey: [] }, { session: [] }],
      ...(typeof operation.access === 'string' ? {} : { description: `Roles: ${operation.access.join(', ')}.` }),
      response: { ...(route.schema?.response as object | undefined), ...problemsOf(operation) },
    }
  })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tollgate',
        version,
        description:
          'Carrier authentication and gateway edge for SIP. Lists: `{ items, nextCursor, total }`. Errors: RFC 9457. ' +
          'Writes take `If-Match` with the ETag that was read; a change by someone else in between is 412.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'An API key' },
          session: { type: 'apiKey', in: 'cookie', name: 'tollgate_session' },
        },
      },
    },
    transform: createJsonSchemaTransform({ zodToJsonConfig: { override: describeTransforms } }),
    transformObject: (document) => completeComponents(describeComponents(document)),
  })
  app.get(
    `${basePath}/openapi.json`,
    { schema: { response: { 200: z.record(z.string(), z.unknown()) } } },
    async () => ({
      ...app.swagger(),
    }),
  )
}

/** A schema that ends in a transform has no JSON Schema of its own: what goes in describes it well enough. */
function describeTransforms({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: object }): void {
  const described = descriptionOf(zodSchema)
  if (described !== undefined) Object.assign(jsonSchema, { $ref: `#/components/schemas/${described.name}` })
  const examples = z.globalRegistry.get(zodSchema)?.['examples']
  if (examples !== undefined) Object.assign(jsonSchema, { examples })
  // The format says it; the pattern of a date is half a page.
  if ('format' in jsonSchema && 'pattern' in jsonSchema) delete jsonSchema.pattern
  if (zodSchema instanceof z.ZodUndefined) Object.assign(jsonSchema, { type: 'null' })
  if (zodSchema instanceof z.ZodPipe && zodSchema.out instanceof z.ZodTransform)
    Object.assign(jsonSchema, inputSchema(zodSchema.in))
}

function inputSchema(schema: z.core.$ZodType): object {
  const options = { io: 'input', unrepresentable: 'any', override: describeTransforms } as const
  const { $schema: _schema, ...description } = z.toJSONSchema(schema, options)
  return description
}
