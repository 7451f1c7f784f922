// `npm run generate`: writes the documents that come out of tables and tests. Running it twice changes nothing; CI fails
// when it changes what is committed. Figures are not measured here: those of
// the newest run of the benchmark are taken from its JSON.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { openApiDocument } from '../src/api/openapi.ts'
import { commandLinePage } from './reference/command-line.ts'
import { configurationPage } from './reference/configuration.ts'
import { performancePage } from './reference/performance.ts'
import { declarativePage, declarativeSchema } from './reference/declarative.ts'
import { rfcCoveragePage } from './reference/rfc-coverage.ts'
import { faultsPage, limitsPage, metricsPage } from './reference/tables.ts'
import { torturePage } from './reference/torture.ts'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }

const documents: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/reference/cli.md': commandLinePage,
  'docs/reference/configuration.md': configurationPage,
  'docs/reference/faults.md': faultsPage,
  'docs/reference/limits.md': limitsPage,
  'docs/reference/metrics.md': metricsPage,
  'docs/reference/openapi.json': () => openApiDocument(version),
  'docs/reference/performance.md': performancePage,
  'docs/reference/torture.md': torturePage,
  'docs/reference/declarative.md': declarativePage,
  'docs/reference/declarative.schema.json': declarativeSchema,
  'docs/rfc-coverage.md': rfcCoveragePage,
}

for (const [file, make] of Object.entries(documents)) {
  const text = await make()
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  console.log(file)
}
