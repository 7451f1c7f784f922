// What yaml.ts runs, here or on a thread of its own.
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { parseDocument } from 'yaml'
import { jsonFault } from '../base/json-guard.ts'

export type YamlResult = { readonly value: unknown } | { readonly fault: string }

export function readYaml(text: string): YamlResult {
  try {
    const document = parseDocument(text, { uniqueKeys: true, prettyErrors: true, stringKeys: true })
    const [problem] = [...document.errors, ...document.warnings]
    if (problem !== undefined) return { fault: `not YAML: ${problem.message.split('\n')[0] ?? ''}` }
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    const fault = jsonFault(JSON.stringify(value) ?? 'null')
    return fault === undefined ? { value } : { fault }
  } catch (error) {
    return { fault: `not YAML: ${error instanceof RangeError ? 'nested too deep' : 'too many aliases'}` }
  }
}

const isRequest = (data: unknown): data is { readonly yaml: string } =>
  typeof data === 'object' && data !== null && 'yaml' in data && typeof data.yaml === 'string'

if (!isMainThread && isRequest(workerData)) parentPort?.postMessage(readYaml(workerData.yaml))
