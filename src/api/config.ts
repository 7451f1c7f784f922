// The declarative file over HTTP: apply, diff, export, revisions, rollback.
import { stringify } from 'yaml'
import { z } from 'zod'
import { flagQuery, listQuery, pageOf } from '../contract/api-common.ts'
import {
  type ApplyAnswer,
  applyResult,
  type PlanItem,
  revisionDetail,
  revisionParameter,
  revisionView,
  rollbackInput,
} from '../contract/api-config.ts'
import { declarativeFile } from '../contract/declarative.ts'
import type { ApplyResult, PlanLine, Revision } from '../control/services.ts'
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

const revisionQuery = listQuery.extend({ object: z.string().min(1).max(200).optional() })

const linesOf = (plan: readonly PlanLine[]): PlanItem[] => plan.map((line) => ({ ...line, changes: [...line.changes] }))

const revisionOf = ({ at, changes, ...rest }: Revision) => ({
  ...rest,
  at: isoTime(at),
  ...(changes === undefined ? {} : { changes: linesOf(changes) }),
})

/** `format` is for links, which cannot say what they accept. */
const exportSchema = {
  querystring: z.object({ format: z.enum(['json', 'yaml']).optional() }),
  response: { 200: exported },
}

const viewOf = (result: ApplyResult): ApplyAnswer => ({
  ...result,
  plan: linesOf(result.plan),
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
  app.get(`${basePath}/config/export`, { schema: exportSchema }, async (request, reply) => {
    const file = { ...(await config.export()) }
    const wanted = request.query.format ?? (/\byaml\b/.test(request.headers.accept ?? '') ? 'yaml' : 'json')
    if (wanted === 'json') return file
    return reply.type('application/yaml; charset=utf-8').serializer(String).send(stringify(file))
  })
  app.get(
    `${basePath}/config/revisions`,
    { schema: { querystring: revisionQuery, response: { 200: pageOf(revisionView) } } },
    async (request) => {
      const { object } = request.query
      const query = { ...listQueryOf(request.query, ['object']), ...(object === undefined ? {} : { object }) }
      return mapPage(await config.revisions(query), revisionOf)
    },
  )
  app.get(
    `${basePath}/config/revisions/:revision`,
    { schema: { params: revisionParameter, response: { 200: revisionDetail } } },
    async (request) => {
      const revision = await config.getRevision(request.params.revision)
      return { ...revisionOf(revision), changes: linesOf(revision.changes) }
    },
  )
  app.post(
    `${basePath}/config/rollback`,
    { schema: { body: rollbackInput.optional(), response: { 200: applyResult } } },
    async (request) => {
      const { revision, dryRun = false } = request.body ?? {}
      return viewOf(await config.rollback(revision, { ...writeOptionsOf(request), dryRun }))
    },
  )
}
