// Debian packages that the tests run as real peers. Installs what is missing when root and apt-get is there;
// otherwise says what is missing and leaves the failing to the ring that needs it.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const needed = [
  { program: '/usr/bin/sipp', name: 'sip-tester' },
  { program: '/usr/lib/chromium/chromium-headless-shell', name: 'chromium-headless-shell' },
  { program: '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf', name: 'fonts-dejavu-core' },
]

export function installSystemPackages() {
  const missing = needed.filter((one) => !existsSync(one.program)).map((one) => one.name)
  if (missing.length === 0) return
  const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (!mayInstall) {
    console.error(
      `missing for some tests (they will fail): ${missing.join(' ')}; as root: apt-get install ${missing.join(' ')}`,
    )
    return
  }
  console.error(`installing ${missing.join(' ')} ...`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const apt = (...args) => spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 2], env }).status === 0
  const install = () => apt('install', '-y', '-q', '--no-install-recommends', ...missing)
  if (!install() && !(apt('update', '-q') && install()))
    console.error('apt-get failed; the tests that need these packages will fail')
}
