// Bodies: JSON everywhere, YAML where a declarative file is taken. An empty JSON body is no body.
import { parseDocument } from 'yaml'
import { bound } from '../base/limits.ts'
import { Fault } from '../base/fault.ts'
import { jsonFault } from './json-guard.ts'
import type { ApiApp } from './app.ts'

export const jsonType = 'application/json'
export const yamlTypes = ['application/yaml', 'text/yaml', 'application/x-yaml']
/** A declarative file may be large; everything else is small. */
export const bodyBytesMax = { file: bound('requestBodyBytesMax'), other: 1_048_576 }

const invalid = (message: string): Fault => new Fault('invalid', message, { errors: [{ path: '', message }] })

/** Text -> value; Fault `invalid` says what is wrong. */
export function parseJson(text: string): unknown {
  if (text.trim() === '') return undefined
  const fault = jsonFault(text)
  if (fault !== undefined) throw invalid(fault)
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw invalid(`not JSON: ${error instanceof Error ? error.message : 'unreadable'}`)
  }
}

/** YAML 1.2; the same key twice, unknown tags and aliases that multiply are refused, with line and column. */
export function parseYaml(text: string): unknown {
  try {
    const document = parseDocument(text, { uniqueKeys: true, prettyErrors: true, stringKeys: true })
    const [problem] = [...document.errors, ...document.warnings]
    if (problem !== undefined) throw invalid(`not YAML: ${problem.message.split('\n')[0] ?? ''}`)
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    const fault = jsonFault(JSON.stringify(value) ?? 'null')
    if (fault !== undefined) throw invalid(fault)
    return value
  } catch (error) {
    if (error instanceof Fault) throw error
    throw invalid(`not YAML: ${error instanceof RangeError ? 'nested too deep' : 'too many aliases'}`)
  }
}

/** Only these two kinds are read; anything else is 415. */
export function addBodyParsers(app: ApiApp): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(jsonType, { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, parseJson(String(text)))
    } catch (error) {
      done(error as Error)
    }
  })
  app.addContentTypeParser(yamlTypes, { parseAs: 'string' }, (request, text, done) => {
    if (request.routeOptions.config.acceptsYaml !== true)
      return done(new Fault('unsupported_media_type', 'YAML is read for declarative files only'))
    try {
      done(null, parseYaml(String(text)))
    } catch (error) {
      done(error as Error)
    }
  })
}
