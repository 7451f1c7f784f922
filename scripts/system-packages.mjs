// Debian packages that the tests run as real peers. Installs what is missing when root and apt-get is there, unless
// TOLLGATE_TEST_INSTALL=0; otherwise says what is missing and leaves the failing to the ring that needs it.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs'

const needed = [
  { files: ['/usr/bin/openssl', '/usr/local/bin/openssl'], name: 'openssl' },
  { files: ['/usr/bin/sipp', '/usr/local/bin/sipp'], name: 'sip-tester' },
  { files: ['/usr/sbin/kamailio', '/usr/local/sbin/kamailio'], name: 'kamailio' },
  {
    files: ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/kamailio/modules/tls.so`),
    name: 'kamailio-tls-modules',
  },
  { files: ['/usr/bin/rtpengine', '/usr/sbin/rtpengine'], name: 'rtpengine-daemon' },
  { files: ['/usr/bin/sipsak', '/usr/local/bin/sipsak'], name: 'sipsak' },
  { files: ['/usr/bin/tshark', '/usr/local/bin/tshark'], name: 'tshark' },
  {
    files: ['/usr/lib/chromium/chromium-headless-shell', '/usr/bin/chromium-headless-shell', '/usr/bin/chromium'],
    name: 'chromium-headless-shell',
  },
  { files: ['/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'], name: 'fonts-dejavu-core' },
]

const policyFile = '/usr/sbin/policy-rc.d'

/** Runs `work` while Debian is told to start no service (exit code 101 of policy-rc.d means "not permitted"). */
function withoutServices(work) {
  if (existsSync(policyFile)) return work()
  writeFileSync(policyFile, '#!/bin/sh\nexit 101\n')
  chmodSync(policyFile, 0o755)
  try {
    return work()
  } finally {
    rmSync(policyFile, { force: true })
  }
}

function aptInstall(names) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const apt = (...args) =>
    spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 2], env, timeout: 600_000 }).status === 0
  const install = () => apt('install', '-y', '-q', '--no-install-recommends', ...names)
  return withoutServices(() => install() || (apt('update', '-q') && install()))
}

export function installSystemPackages() {
  const missing = needed.filter((one) => !one.files.some((file) => existsSync(file))).map((one) => one.name)
  if (missing.length === 0) return
  const allowed = process.env.TOLLGATE_TEST_INSTALL !== '0'
  const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (!allowed || !mayInstall) {
    console.error(
      `missing for some tests (they will fail): ${missing.join(' ')}; as root: apt-get install --no-install-recommends ${missing.join(' ')}`,
    )
    return
  }
  for (const name of missing) console.error(`installing the Debian package ${name} ...`)
  if (!aptInstall(missing)) console.error('apt-get failed; the tests that need these packages will fail')
}
