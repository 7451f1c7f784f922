// The process of the load generator: the parent (traffic.ts) says over the channel of node:child_process where it sits, then one
// load after the other. It ends with its parent.
import { loadSystemCalls } from '../../src/transport/system-calls.ts'
import { Generator } from './generator.ts'
import type { GeneratorSpec, LoadResult, LoadSpec } from './generator.ts'

export type ToGenerator =
  | { readonly type: 'open'; readonly spec: GeneratorSpec }
  | { readonly type: 'load'; readonly spec: LoadSpec }

export type FromGenerator =
  | { readonly type: 'ready' }
  | { readonly type: 'phase'; readonly index: number }
  | { readonly type: 'result'; readonly result: LoadResult }
  | { readonly type: 'failed'; readonly detail: string }

const say = (message: FromGenerator): void => {
  process.send?.(message)
}

let generator: Generator | undefined

async function open(spec: GeneratorSpec): Promise<void> {
  const calls = await loadSystemCalls()
  if (typeof calls === 'string') throw new Error(calls)
  generator = new Generator(calls, spec)
  say({ type: 'ready' })
}

process.on('message', (message: ToGenerator) => {
  if (message.type === 'open')
    open(message.spec).catch((error: unknown) => say({ type: 'failed', detail: String(error) }))
  else
    generator?.run(
      message.spec,
      (index) => say({ type: 'phase', index }),
      (result) => say({ type: 'result', result }),
    )
})
process.on('disconnect', () => process.exit(0))
