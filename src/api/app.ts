// The Fastify types of this room: requests know who asks, routes know their row of the operations table.
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest, RawServerDefault } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { Fault } from '../base/fault.ts'
import { addressText, parseAddress } from '../contract/address.ts'
import type { Actor, Identity } from '../control/services.ts'
import type { Operation } from './operations.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by authenticate.ts; null where nobody has to sign in. */
    identity: Identity | null
    /** The session's cookie value, if that is how the request was authenticated. */
    session: string | null
  }
  interface FastifyContextConfig {
    operation?: Operation
    /** This route takes a declarative file, also as YAML. */
    acceptsYaml?: boolean
    /** This route takes a backup. */
    acceptsTar?: boolean
  }
}

export type ApiApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>
export type ApiRequest = FastifyRequest
export type ApiReply = FastifyReply

/**
 * Source address of a request: that of its connection; behind proxies that are configured (`ApiOptions.proxies`), the last
 * one in X-Forwarded-For that is none of them. What is no address there is not repeated.
 */
export function addressOf(request: ApiRequest): string {
  const written = request.socket.remoteAddress ?? ''
  const address = parseAddress(request.ip) ?? parseAddress(written)
  return address === undefined ? written : addressText(address)
}

/** Who makes this change, for the audit. */
export function actorOf(request: Pick<ApiRequest, 'identity'>): Actor {
  if (request.identity === null) throw new Fault('unauthenticated')
  return request.identity.actor
}
