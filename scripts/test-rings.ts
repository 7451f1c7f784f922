// The test rings, from the inside out: which files, against which programs, how long at most.

/** A program of another project that a ring talks to. */
interface Program {
  /** Any of these files proves that it is there. */
  readonly paths: readonly string[]
  readonly debianPackage: string
}

export interface Ring {
  readonly name: string
  readonly files: readonly string[]
  readonly programs: readonly Program[]
  readonly concurrency: number
  readonly fileTimeoutMs: number
  readonly timeLimitMs: number
  /** Set for its tests. */
  readonly environment?: Readonly<Record<string, string>>
}

const sipp: Program = { paths: ['/usr/bin/sipp', '/usr/local/bin/sipp'], debianPackage: 'sip-tester' }
const chromium: Program = {
  paths: ['/usr/lib/chromium/chromium-headless-shell', '/usr/bin/chromium-headless-shell', '/usr/bin/chromium'],
  debianPackage: 'chromium-headless-shell',
}

/** Makes the certificates of TLS tests. */
const openssl: Program = { paths: ['/usr/bin/openssl', '/usr/local/bin/openssl'], debianPackage: 'openssl' }

/** Gives a server a small disk of its own, and limits what it may write. */
const utilLinux: Program = { paths: ['/usr/bin/unshare', '/bin/unshare'], debianPackage: 'util-linux' }

const sipsak: Program = { paths: ['/usr/bin/sipsak', '/usr/local/bin/sipsak'], debianPackage: 'sipsak' }

const tshark: Program = { paths: ['/usr/bin/tshark', '/usr/local/bin/tshark'], debianPackage: 'tshark' }

const kamailio: Program = {
  paths: ['/usr/sbin/kamailio', '/usr/local/sbin/kamailio'],
  debianPackage: 'kamailio',
}

const rtpengine: Program = { paths: ['/usr/bin/rtpengine', '/usr/sbin/rtpengine'], debianPackage: 'rtpengine-daemon' }

const kamailioTls: Program = {
  paths: ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/kamailio/modules/tls.so`),
  debianPackage: 'kamailio-tls-modules',
}

const minute = 60_000
const ring = (name: string, files: readonly string[], rest: Partial<Ring> = {}): Ring => ({
  name,
  files,
  programs: [],
  concurrency: 2,
  fileTimeoutMs: 2 * minute,
  timeLimitMs: 6 * minute,
  ...rest,
})

const sippFiles = (names: readonly string[]): string[] => names.map((name) => `test/sipp/${name}.test.ts`)

/** Many calls at once, every ending, silent peers, floods. */
const stressful = ['capacity', 'endings', 'failover', 'flood', 'stall']

const otherMode = {
  programs: [sipp, sipsak, openssl, utilLinux],
  concurrency: 2,
  fileTimeoutMs: 5 * minute,
  timeLimitMs: 8 * minute,
}

export const rings: readonly Ring[] = [
  ring(
    'unit',
    [
      'src/**/*.test.ts',
      'web/src/**/*.test.ts',
      'scripts/**/*.test.ts',
      'bench/**/*.test.ts',
      'test/kit/*.test.ts',
      'test/tidy.test.ts',
    ],
    { programs: [openssl] },
  ),
  ring('torture', ['test/torture/*.test.ts']),
  ring('simulation', ['test/simulation/*.test.ts']),
  ring('scenario', ['test/scenario/*.test.ts'], { programs: [openssl, utilLinux] }),
  // Rings with other programs run one file at a time: they use both processors by themselves.
  ring('sipp', ['test/sipp/*.test.ts'], {
    programs: [sipp, sipsak, kamailio, kamailioTls, openssl, tshark, rtpengine],
    concurrency: 1,
    fileTimeoutMs: 5 * minute,
    timeLimitMs: 12 * minute,
  }),
  // The same stories with two signalling threads, and with the sockets of Node: those that it could change. Most of them wait
  // most of the time, so that two run at once. Left out are those that need a processor for each thread: calls per second (ADR 16)
  // and shares to the last of 5,000 calls.
  ring('threads', ['test/scenario/*.test.ts', ...sippFiles([...stressful, 'challenge', 'digest', 'registered'])], {
    ...otherMode,
    environment: { TOLLGATE_TEST_THREADS: '2' },
  }),
  ring('dgram', ['test/scenario/*.test.ts', ...sippFiles([...stressful, 'calls-per-second'])], {
    ...otherMode,
    environment: { TOLLGATE_TEST_UDP: 'dgram' },
  }),
  ring('browser', ['test/browser/*.test.ts'], { programs: [chromium], concurrency: 1, timeLimitMs: 8 * minute }),
]

/** Names of the Debian packages a ring needs and `exists` does not find. */
export const missingPrograms = (one: Ring, exists: (path: string) => boolean): string[] =>
  one.programs.filter((program) => !program.paths.some(exists)).map((program) => program.debianPackage)
