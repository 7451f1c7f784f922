// Patterns and header rules of a configuration are refused on save, each with its path.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rowsOf } from '../../test/kit/rows.ts'
import { checkPatterns } from './check-patterns.ts'

test('bad rewrites, CLI patterns and essential header names are reported with their paths', () => {
  const errors = checkPatterns(
    rowsOf({
      carriers: [
        {
          name: 'A',
          cliRules: ['+441', '^44(', '^44'],
          headerRules: { keep: [], remove: ['X-Foo', 'v', 'Content-Type'] },
          endpoints: [
            {
              name: 'x',
              direction: 'sends',
              addresses: ['192.0.2.1'],
              rewrites: [
                { parameter: 'cli', pattern: '^0' },
                { parameter: 'cli', pattern: '(?=0)' },
              ],
            },
          ],
          sipUsers: [{ username: 'u', rewrites: [{ parameter: 'destination', pattern: String.raw`(0)\1` }] }],
        },
      ],
    }),
  )
  assert.deepEqual(
    errors.map(({ path }) => path),
    [
      'carriers[0].endpoints[0].rewrites[1].pattern',
      'carriers[0].sipUsers[0].rewrites[0].pattern',
      'carriers[0].cliRules[1]',
      'carriers[0].headerRules.remove[1]',
      'carriers[0].headerRules.remove[2]',
    ],
  )
  assert.match(errors[0]?.message ?? '', /look-ahead .* not supported/)
})
