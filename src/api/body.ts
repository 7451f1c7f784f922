// Bodies: JSON everywhere, YAML where a declarative file is taken. An empty JSON body is no body.
import { bound } from '../base/limits.ts'
import { Fault } from '../base/fault.ts'
import { jsonFault } from '../base/json-guard.ts'
import type { ApiApp, ApiRequest } from './app.ts'
import { parseYaml } from './yaml.ts'

export const jsonType = 'application/json'
export const yamlTypes = ['application/yaml', 'text/yaml', 'application/x-yaml']
export const tarType = 'application/x-tar'
/** A declarative file may be large; everything else is small. */
export const bodyBytesMax = { file: bound('requestBodyBytesMax'), other: bound('smallBodyBytesMax') }

const invalid = (message: string): Fault => new Fault('invalid', message, { errors: [{ path: '', message }] })

/** Text -> value; Fault `invalid` says what is wrong. */
export function parseJson(text: string): unknown {
  if (text.trim() === '') return undefined
  const fault = jsonFault(text)
  if (fault !== undefined) throw invalid(fault)
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch (error) {
    throw invalid(`not JSON: ${error instanceof Error ? error.message : 'unreadable'}`)
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
  app.addContentTypeParser(yamlTypes, { parseAs: 'string' }, async (request: ApiRequest, text: string) => {
    if (request.routeOptions.config.acceptsYaml !== true)
      throw new Fault('unsupported_media_type', 'YAML is read for declarative files only')
    return parseYaml(text)
  })
}
