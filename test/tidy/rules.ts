// What every file has to keep to, one rule a row. Each row brings texts that it must catch and texts that it must let
// pass; tidy.test.ts tries those first, then the repository.

export interface Example {
  readonly file: string
  readonly text: string
}

export interface Rule {
  readonly name: string
  /** Which files it looks at. */
  readonly applies: (file: string) => boolean
  /** The first thing wrong with the text, in a few words. */
  readonly fault: (text: string, file: string) => string | undefined
  readonly catches: readonly Example[]
  readonly passes: readonly Example[]
}

const isCode = (file: string): boolean => /^(?:src|test|scripts|bench|web)\/.*\.(?:tsx?|mjs)$/.test(file)
/** Files under test/tidy hold the forbidden words as examples. */
const isScanned = (file: string): boolean => !file.startsWith('test/tidy/')
const isTest = (file: string): boolean => isCode(file) && file.endsWith('.test.ts')
const isProduct = (file: string): boolean => /^(?:src|web\/src)\//.test(file) && /\.tsx?$/.test(file) && !isTest(file)
const isPure = (file: string): boolean =>
  /^src\/(?:sip|transaction|directory|policy|call|probe|media)\//.test(file) && !isTest(file)

const find =
  (pattern: RegExp) =>
  (text: string): string | undefined =>
    pattern.exec(text)?.[0].trim()
const withoutComments = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
/** Words in quotes do not count: a text for people may say what an identifier must not. */
const withoutTexts = (text: string): string =>
  withoutComments(text).replaceAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g, "''")
const lines = (text: string): number => text.replace(/\n$/, '').split('\n').length
const limit = (max: number) => (text: string) =>
  lines(text) > max ? `${lines(text)} lines, at most ${max}` : undefined

const src = (text: string, file = 'src/call/leg.ts'): Example => ({ file, text })
const inTest = (text: string): Example => ({ file: 'src/call/leg.test.ts', text })

export const rules: readonly Rule[] = [
  {
    name: 'a file has at most 400 lines',
    applies: isCode,
    fault: limit(400),
    catches: [src('x\n'.repeat(401))],
    passes: [src('x\n'.repeat(400))],
  },
  {
    name: 'the meeting point and the roof stay small (150 lines)',
    applies: (file) => file === 'src/call/on-invite.ts' || file === 'src/main.ts',
    fault: limit(150),
    catches: [src('x\n'.repeat(151))],
    passes: [src('x\n'.repeat(150))],
  },
  {
    name: 'file names are kebab-case',
    applies: (file) => isCode(file) || /^docs\/.*\.md$/.test(file),
    fault: (_text, file) => {
      const name = file.split('/').at(-1) ?? ''
      return name === 'README.md' || /^[a-z0-9-]+(?:\.(?:test|config|d))?\.(?:tsx?|mjs|md)$/.test(name)
        ? undefined
        : name
    },
    catches: [src('', 'src/call/onInvite.ts'), src('', 'docs/Guide.md'), src('', 'web/src/App.tsx')],
    passes: [src('', 'src/call/on-invite.test.ts'), src('', 'web/vite.config.ts'), src('', 'docs/README.md')],
  },
  {
    name: 'no barrels, no rooms for everything and nothing',
    applies: isCode,
    fault: (text, file) =>
      find(/(?:^|\/)(?:index\.tsx?|(?:utils?|common|helpers?|types|misc)(?:\/|\.tsx?$))/)(file) ??
      find(/^export \* from.*$/m)(text),
    catches: [
      src('', 'src/call/index.ts'),
      src('', 'src/utils/x.ts'),
      src('', 'src/call/types.ts'),
      src("export * from './a.ts'"),
    ],
    passes: [src("export { a } from './a.ts'"), src('', 'src/contract/api-common.ts')],
  },
  {
    name: 'nothing is left for later',
    applies: (file) => (isCode(file) || file.endsWith('.md')) && isScanned(file),
    fault: find(/\b(?:TODO|FIXME|XXX|HACK)\b/),
    catches: [src('// TODO: later'), src('// FIXME')],
    passes: [src('const todos = 1')],
  },
  {
    name: 'no test is skipped or run alone',
    applies: (file) => isTest(file) && isScanned(file),
    fault: (text) =>
      find(/\b(?:test|it|describe|suite|t|context)\.(?:skip|only|todo)\b|[{,]\s*(?:skip|todo|only)\s*[:,}]/)(
        withoutTexts(text),
      ),
    catches: [
      'test.skip("x")',
      'it.only("x")',
      't.skip("why")',
      'test("x", { skip: true })',
      'test("x", { todo, })',
      'describe.todo()',
    ].map(inTest),
    passes: ['const skipped = 1', 'list.skip(2)', 'test("{ skip: true }", run)'].map(inTest),
  },
  {
    name: 'a test asserts something',
    applies: isTest,
    fault: (text) => (/\bassert(?:\.\w+)?\(|\bt\.assert\b/.test(withoutComments(text)) ? undefined : 'no assertion'),
    catches: [inTest("test('x', () => { run() })"), inTest('// assert(x)')],
    passes: [inTest('assert.equal(1, 1)'), inTest('assert(x)')],
  },
  {
    name: 'a test does not sleep: the fake clock serves',
    applies: (file) => isTest(file) && isScanned(file),
    fault: (text) => find(/timers\/promises|setTimeout\(\s*(?:\(\)\s*=>\s*)?(?:resolve|done|r)\b/)(text),
    catches: [
      "import { setTimeout } from 'node:timers/promises'",
      'new Promise((r) => setTimeout(r, 50))',
      'setTimeout(resolve, 5)',
      'setTimeout(() => resolve(1), 5)',
    ].map(inTest),
    passes: ['const limit = setTimeout(() => controller.abort(), 5_000)', 'clock.advance(500)'].map(inTest),
  },
  {
    name: 'types are not talked away',
    applies: isProduct,
    fault: (text) =>
      find(/\bas unknown as\b|\bas any\b|[:<|&]\s*any\b(?!\s*[a-z])|@ts-(?:ignore|expect-error|nocheck)/)(text),
    catches: ['x as unknown as Y', 'x as any', 'let x: any', 'Array<any>', '// @ts-ignore'].map((text) => src(text)),
    passes: ['as unknown', 'const anything = 1', '// matches: any address', 'a < anyOf'].map((text) => src(text)),
  },
  {
    name: 'a lint rule is only silenced on one line, with the reason; in src only where awaits must follow one another',
    applies: (file) => isCode(file) && isScanned(file),
    fault: (text, file) => {
      const one = file.startsWith('src/') ? 'no-await-in-loop' : String.raw`[\w/-]+`
      const allowed = new RegExp(String.raw`oxlint-disable-next-line ${one} -- \S.*`, 'g')
      return find(/(?:ox|es)lint-disable.*/)(text.replaceAll(allowed, ''))
    },
    catches: [
      src('// oxlint-disable-next-line no-await-in-loop'),
      src('// oxlint-disable-next-line no-control-regex -- needed'),
      src('/* oxlint-disable */'),
      src('// eslint-disable-line', 'scripts/x.ts'),
    ],
    passes: [
      src('// oxlint-disable-next-line no-await-in-loop -- in this order'),
      src('// oxlint-disable-next-line no-control-regex -- the point of it', 'scripts/x.ts'),
    ],
  },
  {
    name: 'in pure rooms time comes from Clock and chance from Random',
    applies: isPure,
    fault: (text) =>
      find(
        /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\(|\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bMath\.random\b/,
      )(withoutTexts(text)),
    catches: ['setTimeout(run, 5)', 'Date.now()', 'new Date()', 'performance.now()', 'Math.random()'].map((text) =>
      src(text),
    ),
    passes: ['clock.nowMs()', '// never Date.now()', 'new Date(wallMs)'].map((text) => src(text)),
  },
  {
    name: 'names are the whole words of RFC 3261; nobody is upstream or downstream',
    applies: (file) => (isProduct(file) || /^(?:bench|scripts)\//.test(file)) && isScanned(file),
    fault: (text) =>
      find(/(?<![\w$-])(?:req|res|msg|tx|conn|hdr|cfg|upstream|downstream)(?![\w$-])/i)(withoutTexts(text)),
    catches: ['const req = 1', 'handle(msg)', 'let upstream', 'conn.close()'].map((text) => src(text)),
    passes: ['request.response', "'res'", 'const connection = 1'].map((text) => src(text)),
  },
  {
    name: 'a file starts by saying what it is',
    applies: (file) => /^(?:src|scripts|bench)\/.*\.(?:ts|mjs)$/.test(file) && !isTest(file),
    fault: (text) => {
      const first = text.replace(/^#!.*\n/, '')
      return /^(?:\/\/ \S|\/\*\*)/.test(first) ? undefined : first.split('\n', 1)[0]
    },
    catches: [src("import x from 'y'")],
    passes: [src('// One leg of a call.\nimport x'), src('#!/usr/bin/env node\n// Starts it.')],
  },
  {
    name: 'nothing speaks of one machine',
    applies: (file) => isScanned(file) && file !== 'package-lock.json',
    fault: find(/(?<![\w.@-])\/(?:work|root)\/|\.\.\/shared(?![\w-])|\/tmp\/tg\b/),
    catches: ['cd /work/main', '`/root/.npm`', 'see ../shared/house.md'].map((text) => src(text)),
    passes: ['/usr/bin/sipp', 'https://example.net/work/', '../shared-memory'].map((text) => src(text)),
  },
]
