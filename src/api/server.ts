// Opens the HTTP server: parsers, security headers, authentication, routes, console, errors.
import cookie from '@fastify/cookie'
import Fastify from 'fastify'
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { Fault } from '../base/fault.ts'
import { bound } from '../base/limits.ts'
import { cidrText } from '../contract/address.ts'
import { addAccountRoutes } from './accounts.ts'
import { addAlertRoutes } from './alerts.ts'
import type { ApiApp } from './app.ts'
import { addAuthentication } from './authenticate.ts'
import { addBackupRoutes } from './backups.ts'
import { addBodyDeadlines } from './body-deadlines.ts'
import { addBodyParsers, bodyBytesMax } from './body.ts'
import { addConfigRoutes } from './config.ts'
import { addConsole } from './console.ts'
import type { ApiOptions } from './context.ts'
import { addDocuments } from './documents.ts'
import { addEndpointRoutes } from './endpoints.ts'
import { addErrorAnswers, answerBadUrl } from './errors.ts'
import { addEventRoute } from './events.ts'
import { addGatewayRoutes } from './gateways.ts'
import { addHealthRoutes } from './health.ts'
import { addLiveRoutes } from './live.ts'
import { addRegistrationRoutes } from './registrations.ts'
import { addMetricsRoute } from './metrics.ts'
import { addMoneyRoutes } from './money.ts'
import { addPeopleRoutes } from './people.ts'
import { addReasonCheck } from './reasons.ts'
import { addRecordRoutes } from './call-records.ts'
import { addRoutingRoutes } from './routing.ts'
import { addSipUserRoutes } from './sip-users.ts'
import { addSecurityHeaders } from './security-headers.ts'
import { addRewriteRoutes } from './rewrites.ts'
import { addTestCallRoutes } from './test-calls.ts'
import { addStatisticsRoutes } from './statistics.ts'
import { addTraceRoutes } from './traces.ts'

export interface ApiServer {
  readonly host: string
  readonly port: number
  /** `http://127.0.0.1:8080`. */
  readonly address: string
  /** Ends event streams and open connections, then resolves. */
  close(): Promise<void>
}

/** Everything but listening; for the OpenAPI document, too. */
export async function buildApi(options: ApiOptions): Promise<ApiApp> {
  const { context, proxies = [] } = options
  const app: ApiApp = Fastify({
    bodyLimit: bodyBytesMax.other,
    exposeHeadRoutes: false,
    frameworkErrors: answerBadUrl,
    forceCloseConnections: true,
    // body-deadlines.ts watches bodies; Node watches that heads arrive within a minute.
    requestTimeout: 0,
    keepAliveTimeout: 10_000,
    trustProxy: proxies.length > 0 && proxies.map(cidrText),
    routerOptions: { maxParamLength: 300 },
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(() => (value) => JSON.stringify(value))
  addBodyParsers(app)
  addSecurityHeaders(app)
  await app.register(cookie)
  addBodyDeadlines(app)
  addAuthentication(app, options)
  addReasonCheck(app, context)
  addErrorAnswers(app, options)
  await addDocuments(app, context.version)
  addHealthRoutes(app, context)
  addMetricsRoute(app, context)
  addPeopleRoutes(app, context)
  addAccountRoutes(app, context)
  addEndpointRoutes(app, context)
  addSipUserRoutes(app, context)
  addRoutingRoutes(app, context)
  addConfigRoutes(app, context)
  addBackupRoutes(app, context)
  addGatewayRoutes(app, context)
  addLiveRoutes(app, context)
  addTestCallRoutes(app, context)
  addRewriteRoutes(app)
  addRegistrationRoutes(app, context)
  addRecordRoutes(app, context)
  addTraceRoutes(app, context)
  addAlertRoutes(app, context)
  addMoneyRoutes(app, context)
  addStatisticsRoutes(app, context)
  addEventRoute(app, context)
  await addConsole(app, options.staticDir)
  return app
}

const hostText = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/** Opens the API; rejects with the reason when the address cannot be opened. */
export async function openApi(options: ApiOptions): Promise<ApiServer> {
  const app = await buildApi(options)
  app.server.maxConnections = options.connectionsMax ?? bound('httpConnectionsMax')
  app.server.headersTimeout = bound('httpHeaderMs')
  await app.listen({ host: options.host, port: options.port })
  const listening = app.server.address()
  if (listening === null || typeof listening === 'string') throw new Fault('internal', 'HTTP listens on no port')
  return {
    host: options.host,
    port: listening.port,
    address: `http://${hostText(options.host)}:${listening.port}`,
    close: async () => {
      await app.close()
    },
  }
}
