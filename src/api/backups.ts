// Backup and restore as tar. What was restored is put in force by a restart of the services inside this process.
import { PassThrough, Readable } from 'node:stream'
import { z } from 'zod'
import { restoreResult } from '../contract/api-config.ts'
import { bound } from '../base/limits.ts'
import { Fault } from '../base/fault.ts'
import type { ApiApp, ApiRequest } from './app.ts'
import { tarType } from './body.ts'
import type { ApiContext } from './context.ts'
import { isoTime, writeOptionsOf } from './lists.ts'
import { basePath } from './operations.ts'

const tarBody = z.unknown().meta({ description: 'The tar that POST /backup gave', examples: ['tollgate.tar'] })
const tarAnswer = {
  description: 'A tar with a manifest, a consistent copy of the database and the key file',
  content: { [tarType]: { schema: z.unknown().meta({ description: 'tar' }) } },
}

const notTar = (): Fault => new Fault('unsupported_media_type', `Content-Type must be ${tarType}`)

/**
 * A reader that gives up destroys what it reads from, and a request's socket with it: the refusal would never arrive. So it
 * reads a copy, and what is left of the request is read and thrown away.
 */
async function readWhole<Result>(request: Readable, work: (body: Readable) => Promise<Result>): Promise<Result> {
  const body = new PassThrough()
  request.once('close', () => {
    if (!body.writableEnded) body.destroy(new Error('the upload broke off'))
  })
  request.pipe(body)
  try {
    return await work(body)
  } finally {
    request.unpipe(body).resume()
  }
}

export function addBackupRoutes(app: ApiApp, { backups, restart, log }: ApiContext): void {
  app.addContentTypeParser(tarType, async (request: ApiRequest, payload: unknown) => {
    if (request.routeOptions.config.acceptsTar === true) return payload
    throw new Fault('unsupported_media_type', 'a tar is read by POST /restore only')
  })
  app.post(`${basePath}/backup`, { schema: { response: { 200: tarAnswer } } }, async (request, reply) => {
    const tar = await backups.create(writeOptionsOf(request))
    const name = `tollgate-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.tar`
    reply.header('content-disposition', `attachment; filename="${name}"`).header('cache-control', 'no-store')
    return reply.type(tarType).send(tar)
  })
  app.post(
    `${basePath}/restore`,
    {
      bodyLimit: bound('backupBytesMax'),
      // Its bound is for a tar, which is read as a stream: anything else would be held in memory up to there.
      onRequest: async (request) => {
        if (request.headers['content-type']?.split(';')[0]?.trim() !== tarType) throw notTar()
      },
      config: { acceptsTar: true },
      schema: { consumes: [tarType], body: tarBody, response: { 200: restoreResult } },
    },
    async (request, reply) => {
      const tar = request.body
      if (!(tar instanceof Readable)) throw notTar()
      const restored = await readWhole(tar, (body) => backups.restore(body, writeOptionsOf(request)))
      reply.raw.once('close', () => {
        restart().catch((error: unknown) => log.error('restart after restore failed', { error: String(error) }))
      })
      return { ...restored, takenAt: isoTime(restored.takenAt) }
    },
  )
}
