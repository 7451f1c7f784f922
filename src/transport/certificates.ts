// The certificates of TLS: our own with its key and the authorities we trust, read from files and read again when these
// change, and the contexts of outgoing connections. Who must prove what is in tls-identity.ts.
import { readFileSync, statSync, unwatchFile, watchFile } from 'node:fs'
import type { SecureContext, SecureContextOptions } from 'node:tls'
import { createSecureContext } from 'node:tls'
import { Fault } from '../base/fault.ts'
import type { Log } from '../base/log.ts'
import type { TlsPeer } from '../sip/flow.ts'

/** Names of PEM files. */
export interface TlsFiles {
  /** Our certificate, followed by those between it and its authority. */
  readonly certFile: string
  readonly keyFile: string
  /** Whom we trust; null = the authorities that the system's TLS library knows. */
  readonly caFile: string | null
}

interface Contents {
  readonly cert: Buffer
  readonly key: Buffer
  readonly ca: Buffer | undefined
}

/** How often the files are looked at. */
const lookMs = 1_000
/** Contexts of outgoing connections that are kept; one for each way to prove an identity. */
const contextsMax = 1_024

const minVersion = 'TLSv1.2'

function readAll(files: TlsFiles): Contents {
  const read = (path: string): Buffer => {
    try {
      return readFileSync(path)
    } catch (error) {
      throw new Error(`${path} cannot be read (${error instanceof Error ? error.message : String(error)})`, {
        cause: error,
      })
    }
  }
  const { certFile, keyFile, caFile } = files
  const contents = {
    cert: read(certFile),
    key: read(keyFile),
    ca: caFile === null ? undefined : read(caFile),
  }
  try {
    createSecureContext({ ...contents, minVersion })
  } catch (error) {
    const names = [certFile, keyFile, ...(caFile === null ? [] : [caFile])].join(', ')
    const detail = error instanceof Error ? error.message : String(error)
    throw new Error(`${names}: no valid PEM files of a certificate and its key (${detail})`, { cause: error })
  }
  return contents
}

export class Certificates {
  readonly #files: TlsFiles
  readonly #log: Log
  readonly #paths: readonly string[]
  readonly #contexts = new Map<string, SecureContext>()
  readonly #listeners = new Set<(options: SecureContextOptions) => void>()
  #contents: Contents

  /** @throws Fault edge_unavailable that names the file which is missing or wrong. */
  constructor(files: TlsFiles, log: Log) {
    this.#files = files
    this.#log = log
    try {
      this.#contents = readAll(files)
    } catch (error) {
      throw new Fault('edge_unavailable', `TLS: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      })
    }
    this.#paths = [files.certFile, files.keyFile, ...(files.caFile === null ? [] : [files.caFile])]
    for (const path of this.#paths) watchFile(path, { interval: lookMs, persistent: false }, this.#reload)
  }

  /** For listeners. TLS 1.2 at least, whatever the defaults of the library. */
  get serverOptions(): SecureContextOptions {
    const { cert, key, ca } = this.#contents
    return { cert, key, minVersion, ...(ca === undefined ? {} : { ca }) }
  }

  /** Callers are asked for a certificate: we know which authorities to trust. */
  get asksCallers(): boolean {
    return this.#files.caFile !== null
  }

  /** Tells of new certificates, for connections that are opened from then on. */
  onReload(listener: (options: SecureContextOptions) => void): void {
    this.#listeners.add(listener)
  }

  /**
   * The context of a connection to `peer`.
   * @throws Error in plain words when its authorities or client certificate cannot be used
   */
  contextFor(peer: TlsPeer | undefined): SecureContext {
    const file = peer?.clientCertificateFile ?? null
    const key = `${peer?.identity ?? ''} ${file === null ? '' : changedAt(file)}`
    const known = this.#contexts.get(key)
    if (known !== undefined) return known
    const context = this.#makeContext(peer, file)
    if (this.#contexts.size >= contextsMax) this.#contexts.clear()
    this.#contexts.set(key, context)
    return context
  }

  #makeContext(peer: TlsPeer | undefined, file: string | null): SecureContext {
    const own = file === null ? undefined : readClientFile(file)
    const { cert, key, ca } = this.#contents
    const trusted = peer === undefined || peer.verify === 'pin' ? ca : (peer.ca ?? ca)
    try {
      return createSecureContext({ cert: own ?? cert, key: own ?? key, ca: trusted, minVersion })
    } catch (error) {
      const what = own === undefined ? 'the certificates of ca' : `the client certificate ${file ?? ''}`
      const detail = error instanceof Error ? error.message : String(error)
      throw new Error(`${what} cannot be used: ${detail}`, { cause: error })
    }
  }

  close(): void {
    for (const path of this.#paths) unwatchFile(path, this.#reload)
    this.#listeners.clear()
  }

  /** Reads the files again. A broken one, as between two writes, changes nothing. */
  readonly #reload = (): void => {
    try {
      this.#contents = readAll(this.#files)
    } catch (error) {
      this.#log.error('TLS certificates not reloaded, the old ones stay', {
        detail: error instanceof Error ? error.message : String(error),
      })
      return
    }
    this.#contexts.clear()
    for (const listener of this.#listeners) listener(this.serverOptions)
    this.#log.info('TLS certificates reloaded', { file: this.#files.certFile })
  }
}

const unreadable = (file: string, error: unknown): Error =>
  new Error(
    `the client certificate ${file} cannot be read (${error instanceof Error ? error.message : String(error)})`,
    { cause: error },
  )

function changedAt(file: string): number {
  try {
    return statSync(file).mtimeMs
  } catch (error) {
    throw unreadable(file, error)
  }
}

function readClientFile(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw unreadable(file, error)
  }
}
