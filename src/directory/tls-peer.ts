// What a gateway over TLS has to prove, from the settings of its entry (RFC 5922).
import { sha256Hex } from '../base/hash.ts'
import type { EndpointConfig } from '../contract/endpoint.ts'
import type { TlsPeer } from '../sip/flow.ts'

/** Whether any way to this gateway is TLS: its own, or that of an outbound proxy. */
const usesTls = (endpoint: Pick<EndpointConfig, 'transport' | 'outboundProxy'>): boolean =>
  endpoint.transport === 'tls' || endpoint.outboundProxy.some(({ uri }) => /;transport=tls/i.test(uri))

/** @param name the host name by which the gateway was found; it must be proved unless `serverName` names another one */
export function tlsPeerOf(
  endpoint: Pick<EndpointConfig, 'transport' | 'outboundProxy' | 'tls'>,
  name: string | null,
): TlsPeer | null {
  if (!usesTls(endpoint)) return null
  const { verify = 'strict', serverName, ca, clientCert } = endpoint.tls ?? {}
  const proof = {
    verify,
    serverName: serverName?.toLowerCase() ?? name,
    ca: ca ?? null,
    clientCertificateFile: clientCert ?? null,
  }
  return { ...proof, identity: sha256Hex(JSON.stringify(proof)).slice(0, 16) }
}
