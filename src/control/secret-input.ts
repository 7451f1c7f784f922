// Passwords as they are written in a file: as text, or the name of an environment variable or file on the server.
import { readFileSync, statSync } from 'node:fs'
import type { z } from 'zod'
import type { secretInput } from '../contract/parts.ts'

export type SecretInput = z.output<typeof secretInput>
export type ResolvedSecret =
  | { readonly kind: 'secret'; readonly clear: string }
  | { readonly kind: 'missing'; readonly message: string }

const fileBytesMax = 4_096
const secretLengthMax = 256
const missing = (message: string): ResolvedSecret => ({ kind: 'missing', message })

function fromFile(file: string): ResolvedSecret {
  try {
    const status = statSync(file)
    if (!status.isFile() || status.size > fileBytesMax)
      return missing(`file ${file} is no regular file of at most ${fileBytesMax} bytes`)
    const clear = readFileSync(file, 'utf8').replace(/\r?\n$/, '')
    return checked(clear, `file ${file}`)
  } catch {
    return missing(`file ${file} cannot be read on the server`)
  }
}

function checked(clear: string, source: string): ResolvedSecret {
  if (clear === '') return missing(`${source} is empty`)
  if (clear.length > secretLengthMax) return missing(`${source} holds more than ${secretLengthMax} characters`)
  return { kind: 'secret', clear }
}

export function resolveSecret(input: SecretInput, environment: NodeJS.ProcessEnv = process.env): ResolvedSecret {
  if (typeof input === 'string') return { kind: 'secret', clear: input }
  if ('file' in input) return fromFile(input.file)
  const clear = environment[input.env]
  return clear === undefined
    ? missing(`environment variable ${input.env} is not set on the server`)
    : checked(clear, `environment variable ${input.env}`)
}
