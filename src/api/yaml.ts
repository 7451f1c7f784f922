// YAML text -> value. A long file is read on a thread of its own: the library takes a second for each megabyte, and
// health checks must not wait for that.
import { Worker } from 'node:worker_threads'
import { Fault } from '../base/fault.ts'
import { bound } from '../base/limits.ts'
import { readYaml, type YamlResult } from './yaml-reader.ts'

const ownThreadFrom = 65_536

const invalid = (message: string): Fault => new Fault('invalid', message, { errors: [{ path: '', message }] })

function readOnThread(text: string): Promise<YamlResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./yaml-reader.ts', import.meta.url), { workerData: { yaml: text } })
    worker.once('message', (result: YamlResult) => resolve(result))
    worker.once('error', (cause) => reject(cause))
    worker.once('exit', () => reject(invalid('not YAML: too large or nested too deep')))
  })
}

/** YAML 1.2; the same key twice, unknown tags and aliases that multiply are refused, with line and column. */
export async function parseYaml(text: string): Promise<unknown> {
  if (text.length > bound('yamlCharactersMax'))
    throw new Fault(
      'too_large',
      `YAML is read up to ${bound('yamlCharactersMax')} characters; send longer files as JSON`,
    )
  const result = text.length < ownThreadFrom ? readYaml(text) : await readOnThread(text)
  if ('fault' in result) throw invalid(result.fault)
  return result.value
}
