// `npm run demo`: Tollgate in a temporary folder, with a customer that calls and three gateways that answer, one of which
// falls silent now and then. Ctrl-C ends everything and removes the folder.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBelow, randomToken, secureRandom } from '../src/base/random.ts'
import { start } from '../src/main.ts'
import type { Running } from '../src/main.ts'
import { Caller } from './demo/caller.ts'
import { demoConfiguration } from './demo/configuration.ts'
import { Gateway } from './demo/gateway.ts'
import { canListen, findPlaces, sipPort } from './demo/places.ts'

const callsPerSecond = 5
const periodSeconds = 60
const silentFromSecond = 20
const silentToSecond = 40

const random = secureRandom()
const folder = mkdtempSync(join(tmpdir(), 'tollgate-demo-'))
const places = await findPlaces()
const password = randomToken(random, 16)
const [london, leeds, oslo] = [places.london, places.leeds, places.oslo].map((address) => new Gateway(address, random))
const caller = new Caller(places.pbx, places.edge, random)
const stranger = new Caller(places.stranger, places.edge, random)
const peers = [london, leeds, oslo, caller, stranger].filter((peer) => peer !== undefined)
const intervals: NodeJS.Timeout[] = []
let running: Running | undefined

async function startTollgate(): Promise<Running> {
  const file = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const http = (await canListen('127.0.0.1', 8080)) ? '127.0.0.1:8080' : '127.0.0.1:0'
  return start({
    TOLLGATE_DATA_DIR: join(folder, 'data'),
    TOLLGATE_HTTP_LISTEN: http,
    TOLLGATE_SIP_LISTEN: `udp:${places.edge}:${sipPort},tcp:${places.edge}:${sipPort}`,
    TOLLGATE_CONFIG: file('demo.json', JSON.stringify(demoConfiguration(places), null, 2)),
    TOLLGATE_ADMIN_PASSWORD_FILE: file('password', `${password}\n`),
    TOLLGATE_LOG_LEVEL: 'error',
  })
}

const say = (text: string): void => console.log(`${new Date().toTimeString().slice(0, 8)}  ${text}`)

/** Nine calls of ten go to the United Kingdom, the others to Norway, whose carrier has room for three. */
function startCalls(): void {
  const number = (): string =>
    randomBelow(random, 10) === 0
      ? `47${21_000_000 + randomBelow(random, 999_999)}`
      : `441632960${100 + randomBelow(random, 900)}`
  intervals.push(setInterval(() => caller.start(number()), 1_000 / callsPerSecond))
  intervals.push(setInterval(() => stranger.start('4490900000'), 15_000))
  intervals.push(
    setInterval(() => {
      const { started, answered, refused } = caller.outcomes
      say(`${started} calls started, ${answered} answered, ${refused} ended without an answer`)
    }, 15_000),
  )
}

/** The gateway with ten elevenths of the calls goes away for a while, every minute. */
function startTrouble(gateway: Gateway): void {
  let second = 0
  const everySecond = (): void => {
    second = (second + 1) % periodSeconds
    if (second === silentFromSecond) say('london falls silent: watch it turn red, and its calls leave by leeds')
    if (second === silentToSecond) say('london is back: it turns green after two good probes')
    gateway.silent = second >= silentFromSecond && second < silentToSecond
  }
  intervals.push(setInterval(everySecond, 1_000))
}

let ending = false
async function end(code: number): Promise<void> {
  if (ending) return
  ending = true
  for (const interval of intervals) clearInterval(interval)
  await running?.stop(0).catch((error: unknown) => console.error(String(error)))
  for (const peer of peers) peer.close()
  rmSync(folder, { recursive: true, force: true })
  process.exit(code)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end(0))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

try {
  await Promise.all(peers.map((peer) => peer.open()))
  running = await startTollgate()
  console.log(`
  Console    ${running.api.address}
  Log in     admin / ${password}
  SIP        ${places.edge}:${sipPort}, udp and tcp
  Customer   Riverside calls from ${places.pbx}, ${callsPerSecond} calls per second
  Carriers   Acme: london (weight 10) ${places.london}, leeds (weight 1) ${places.leeds}; Fjord: oslo ${places.oslo}
  Data       ${folder}, removed at the end

  Ctrl-C ends it.
`)
  startCalls()
  if (london !== undefined) startTrouble(london)
} catch (error) {
  console.error(`the demo could not start: ${error instanceof Error ? error.message : String(error)}`)
  await end(1)
}
