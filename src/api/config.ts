// The declarative file over HTTP: apply, diff, export, revisions, rollback.
import { stringify } from 'yaml'
import { z } from 'zod'
import { flagQuery, listQuery, pageOf } from '../contract/api-common.ts'
import { type ApplyAnswer, applyResult, revisionView, rollbackInput } from '../contract/api-config.ts'
import { declarativeFile } from '../contract/declarative.ts'
import type { ApplyResult } from '../control/services.ts'
import type { ApiApp } from './app.ts'
import { bodyBytesMax } from './body.ts'
import type { ApiContext } from './context.ts'
import { isoTime, listQueryOf, mapPage, writeOptionsOf } from './lists.ts'
import { basePath } from './operations.ts'
import { checkedByService } from './writes.ts'

const fileTypes = ['application/json', 'application/yaml']
const fileRoute = { bodyLimit: bodyBytesMax.file, config: { acceptsYaml: true } }

const fileExample = {
  carriers: [
    { name: 'Acme', endpoints: [{ name: 'acme-1', direction: 'receives', addresses: ['192.0.2.10'], weight: 10 }] },
  ],
  routes: [{ prefix: '44', from: 'customers', targets: [{ carrier: 'Acme' }] }],
}

/** JSON, or YAML for those whose `Accept` names it. */
const exported = {
  description: 'A declarative file that apply takes',
  content: {
    'application/json': { schema: z.record(z.string(), z.unknown()) },
    'application/yaml': { schema: z.string() },
  },
}

const viewOf = (result: ApplyResult): ApplyAnswer => ({
  ...result,
  plan: result.plan.map((line) => ({ ...line, changes: [...line.changes] })),
  warnings: [...result.warnings],
})

export function addConfigRoutes(app: ApiApp, { config }: ApiContext): void {
  app.post(
    `${basePath}/config/apply`,
    {
      ...fileRoute,
      schema: {
        consumes: fileTypes,
        body: checkedByService('DeclarativeFile', declarativeFile, fileExample),
        querystring: z.object({ dryRun: flagQuery, prune: flagQuery }),
        response: { 200: applyResult },
      },
    },
    async (request) => viewOf(await config.apply(request.body, { ...writeOptionsOf(request), ...request.query })),
  )
  app.post(
    `${basePath}/config/diff`,
    {
      ...fileRoute,
      schema: {
        consumes: fileTypes,
        body: checkedByService('DeclarativeFile', declarativeFile, fileExample),
        querystring: z.object({ prune: flagQuery }),
        response: { 200: applyResult },
      },
    },
    async (request) => viewOf(await config.diff(request.body, request.query.prune)),
  )
  app.get(`${basePath}/config/export`, { schema: { response: { 200: exported } } }, async (request, reply) => {
    const file = { ...(await config.export()) }
    if (!/\byaml\b/.test(request.headers.accept ?? '')) return file
    return reply.type('application/yaml; charset=utf-8').serializer(String).send(stringify(file))
  })
  app.get(
    `${basePath}/config/revisions`,
    { schema: { querystring: listQuery, response: { 200: pageOf(revisionView) } } },
    async (request) =>
      mapPage(await config.revisions(listQueryOf(request.query)), (revision) => ({
        ...revision,
        at: isoTime(revision.at),
      })),
  )
  app.post(
    `${basePath}/config/rollback`,
    { schema: { body: rollbackInput.optional(), response: { 200: applyResult } } },
    async (request) => viewOf(await config.rollback(request.body?.revision, writeOptionsOf(request))),
  )
}
