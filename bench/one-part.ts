// One part in a process of its own: `node bench/one-part.ts NAME OPTIONS FILE`, started by main.ts. Writes its result as JSON;
// whatever ends it, the processes that it started end with it (processes.ts).
import { writeFileSync } from 'node:fs'
import type { BenchOptions } from './options.ts'
import { parts } from './parts.ts'

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

const [name = '', options = '', file = ''] = process.argv.slice(2)
const part = parts.find((one) => one.name === name)
if (part === undefined) throw new Error(`no part "${name}"`)
writeFileSync(file, JSON.stringify(await part.measure(JSON.parse(options) as BenchOptions)))
process.exit(0)
