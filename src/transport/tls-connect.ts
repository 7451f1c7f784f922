// One outgoing TLS connection: opens it with the name to be asked for, says whether the far end proved itself, and says
// in plain words why a handshake failed. Nothing is sent before the proof; see connection.ts.
import { isIP } from 'node:net'
import type { TcpNetConnectOpts } from 'node:net'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { connect } from 'node:tls'
import type { ListenerInfo, TlsPeer } from '../sip/flow.ts'
import type { Certificates } from './certificates.ts'
import { errorCode } from './peer-errors.ts'
import { findIdentityFault } from './tls-identity.ts'

/** A target that says nothing must prove its address. */
const anybody = { verify: 'strict', serverName: null, ca: null } as const

interface TlsTarget {
  readonly address: string
  readonly port: number
  readonly tls?: TlsPeer | undefined
}

/** @throws Error in plain words when the files for it cannot be used. */
export function connectTls(target: TlsTarget, listener: ListenerInfo, certificates: Certificates): TLSSocket {
  const name = target.tls?.serverName ?? ''
  const options: ConnectionOptions & Pick<TcpNetConnectOpts, 'localAddress'> = {
    host: target.address,
    port: target.port,
    localAddress: listener.address,
    secureContext: certificates.contextFor(target.tls),
    servername: isIP(name) === 0 ? name : '',
    // Whether the chain holds is asked by `findProofFault`, together with the name, before anything is sent.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  }
  const socket = connect(options)
  socket.setNoDelay(true)
  return socket
}

/** Why the far end of a finished handshake is not who it should be; undefined = it proved itself. */
export function findProofFault(socket: TLSSocket, target: TlsTarget): string | undefined {
  const peer = target.tls ?? anybody
  const certificate = socket.getPeerCertificate()
  if (certificate.raw === undefined) return 'the peer shows no certificate'
  if (peer.verify !== 'pin' && !socket.authorized) return proofText(String(socket.authorizationError))
  return findIdentityFault(certificate, peer, target.address)
}

const proofTexts: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'certificate has expired',
  CERT_NOT_YET_VALID: 'certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate is self-signed and not among the trusted ones',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate is signed by an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate is signed by an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate is signed by an authority that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate is signed by an authority that is not trusted',
  CERT_REVOKED: 'certificate has been revoked',
  INVALID_PURPOSE: 'certificate is not made for servers',
}

const proofText = (code: string): string => proofTexts[code] ?? `certificate is not accepted (${code})`

const handshakeTexts: readonly (readonly [pattern: RegExp, text: string])[] = [
  [/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW/, 'no common TLS version (1.2 or newer is needed)'],
  [/WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH_TOO_LONG|UNEXPECTED_MESSAGE/, 'the peer does not speak TLS'],
  [/CERTIFICATE_REQUIRED|CERTIFICATE_UNKNOWN|BAD_CERTIFICATE|UNKNOWN_CA/, 'the peer does not accept our certificate'],
  [/NO_SHARED_CIPHER|HANDSHAKE_FAILURE/, 'no common cipher, or the peer refused the handshake'],
]

/** Whether an error comes from TLS itself, not from the stream under it. */
export const isTlsError = (error: Error): boolean => /^(?:ERR_SSL_|ERR_TLS_|EPROTO)/.test(errorCode(error))

/** Why a handshake failed, in plain words. */
export function handshakeText(error: Error): string {
  const code = errorCode(error)
  if (code === 'ECONNRESET') return 'the peer ended the TLS handshake'
  const text = `${code} ${error.message}`.toUpperCase().replaceAll(' ', '_')
  return (
    handshakeTexts.find(([pattern]) => pattern.test(text))?.[1] ?? `TLS handshake failed (${code || error.message})`
  )
}
