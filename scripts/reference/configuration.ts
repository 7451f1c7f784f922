// docs/reference/configuration.md: the environment variables, from the table that reads them.
import { variables } from '../../src/config.ts'
import { cell, code, page, table } from './markdown.ts'

export function configurationPage(): string {
  const rows = variables.map((one) => {
    const isValue = one.default !== '-' && !one.default.includes(' ')
    return [code(one.name), isValue ? code(one.default) : one.default, cell(one.meaning)]
  })
  return page('Configuration of the process', '`src/config.ts`', [
    'Environment variables. A wrong value stops the start with exit code 2 and one line that names the variable, the ' +
      'value and what is accepted. Everything else is configured while it runs: see [the declarative file](declarative.md).',
    table(['variable', 'default', 'meaning'], rows),
  ])
}
