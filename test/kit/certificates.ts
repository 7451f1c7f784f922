// Certificates for tests, made by Debian's openssl command in a folder of their own that goes away with the process.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Names of PEM files. */
export interface CertificateFiles {
  readonly certFile: string
  readonly keyFile: string
}

const program = ['/usr/bin/openssl', '/usr/local/bin/openssl'].find((path) => existsSync(path)) ?? 'openssl'
let folder: string | undefined
let counter = 0

function newFile(name: string): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'tollgate-certificates-'))
    folder = made
    process.once('exit', () => rmSync(made, { recursive: true, force: true }))
  }
  counter += 1
  return join(folder, `${counter}-${name}`)
}

function openssl(...args: string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
  assert.equal(status, 0, `openssl ${args.join(' ')}: ${error?.message ?? stderr}`)
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** A certificate that signs itself. */
export function selfSigned(commonName: string, subjectAltName: string | null): CertificateFiles {
  const files = { certFile: newFile('cert.pem'), keyFile: newFile('key.pem') }
  const names = subjectAltName === null ? [] : ['-addext', `subjectAltName=${subjectAltName}`]
  const out = ['-keyout', files.keyFile, '-out', files.certFile]
  openssl('req', '-x509', ...newKey, ...out, '-days', '30', '-subj', `/CN=${commonName}`, ...names)
  return files
}

/** A certificate authority. */
export class Authority {
  readonly caFile: string
  readonly #keyFile: string

  constructor(name = 'Test Authority') {
    const { certFile, keyFile } = selfSigned(name, null)
    this.caFile = certFile
    this.#keyFile = keyFile
  }

  get pem(): string {
    return readFileSync(this.caFile, 'utf8')
  }

  /** @param subjectAltName as openssl writes it: `DNS:a.example,URI:sip:a.example,IP:127.0.0.1`; null = none */
  issue(subjectAltName: string | null, options: { commonName?: string; days?: number } = {}): CertificateFiles {
    const { commonName = 'peer', days = 30 } = options
    const files = { certFile: newFile('cert.pem'), keyFile: newFile('key.pem') }
    const wish = newFile('wish.pem')
    const names = subjectAltName === null ? [] : ['-addext', `subjectAltName=${subjectAltName}`]
    openssl('req', ...newKey, '-keyout', files.keyFile, '-out', wish, '-subj', `/CN=${commonName}`, ...names)
    const signer = ['-CA', this.caFile, '-CAkey', this.#keyFile, '-CAcreateserial', '-days', String(days)]
    openssl('x509', '-req', '-in', wish, ...signer, '-copy_extensions', 'copy', '-out', files.certFile)
    return files
  }
}
