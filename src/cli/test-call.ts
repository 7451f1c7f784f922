// A test call from the command line: prints the ladder as it happens, then the result. Exit 1 when it is red.
import type { Command } from 'commander'
import type { TestCallItem, TestCallRequest } from '../contract/api-test-calls.ts'
import { jsonBody, type Client } from './client.ts'
import { addCommand, type CommonOptions, openClient, print, show } from './command.ts'
import { usage } from './failure.ts'
import { paint, printable } from './table.ts'

interface TestCallOptions extends CommonOptions {
  readonly gateway?: string
  readonly to?: string
  readonly cli?: string
  readonly target?: string
  readonly options?: boolean
}

const pollMs = 250
/** A gateway that never answers is awaited for long after the result is known; nobody has to watch that. */
const settleMs = 1_500

const wait = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

function orderOf({ gateway, to, cli, target, options }: TestCallOptions): TestCallRequest {
  if (gateway === undefined) throw usage('--gateway is missing; write the name of a gateway, or its id')
  if (to === undefined && options !== true) throw usage('--to is missing; write the number to call, or --options')
  return {
    endpointId: gateway,
    method: options === true ? 'OPTIONS' : 'INVITE',
    ...(to === undefined ? {} : { destination: to }),
    ...(cli === undefined ? {} : { cli }),
    ...(target === undefined ? {} : { target }),
  }
}

/** `   0.012  acme-1  <--  180 INVITE   SIP/2.0 180 Ringing`. */
function messageLine(message: TestCallItem['ladder'][number], first: TestCallItem['ladder'][number]): string {
  const seconds = ((Date.parse(message.at) - Date.parse(first.at)) / 1_000).toFixed(3).padStart(8)
  const out = message.from === 'Tollgate'
  const peer = out ? message.to : message.from
  const [startLine = ''] = message.raw.split('\r\n', 1)
  return `${seconds}  ${out ? '-->' : '<--'}  ${printable(message.label).padEnd(12)}  ${printable(peer)}  ${paint('dim', printable(startLine))}`
}

function resultLines({ result, text, durations }: TestCallItem): string[] {
  const times = [
    ['first reply', durations.firstReplyMs],
    ['ringing', durations.ringingMs],
    ['answer', durations.answerMs],
  ] as const
  const known = times.flatMap(([name, ms]) => (ms === null ? [] : [`${name} after ${ms} ms`]))
  return [
    ...(known.length === 0 ? [] : [known.join(', ')]),
    result === 'green'
      ? `${paint('green', 'green')}  ${printable(text)}`
      : `${paint('red', 'red')}  ${printable(text)}`,
  ]
}

/** Asks until it is over; `onNews` gets what came since the last time. */
async function watch(
  client: Client,
  id: string,
  onNews: (test: TestCallItem, from: number) => void,
): Promise<TestCallItem> {
  let seen = 0
  let decidedAt = 0
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- each look follows the one before
    const test = await client.json<TestCallItem>('GET', `/test-calls/${encodeURIComponent(id)}`)
    onNews(test, seen)
    seen = test.ladder.length
    if (test.result !== null && decidedAt === 0) decidedAt = Date.now()
    if (test.state === 'ended' || (decidedAt > 0 && Date.now() - decidedAt >= settleMs)) return test
    // oxlint-disable-next-line no-await-in-loop -- the pause between two looks
    await wait(pollMs)
  }
}

export function addTestCallCommand(program: Command): void {
  addCommand(program, 'test-call', 'test a gateway with a call of our own, or with OPTIONS')
    .option('--gateway <name>', 'gateway, by name or id; also a red or switched-off one')
    .option('--to <number>', 'number to call; it is hung up at its answer and after 10 s at most')
    .option('--cli <number>', 'number that calls')
    .option('--target <target>', 'one address of the gateway, like udp:192.0.2.10:5060')
    .option('--options', 'send OPTIONS, which calls nobody')
    .action(async (options: TestCallOptions) => {
      const order = orderOf(options)
      const client = openClient()
      const { id } = await client.json<{ id: string }>('POST', '/test-calls', { body: jsonBody(order) })
      const test = await watch(client, id, ({ ladder }, from) => {
        const [first] = ladder
        if (options.json !== true && first !== undefined)
          print(ladder.slice(from).map((message) => messageLine(message, first)))
      })
      show(options, test, resultLines)
      if (test.result !== 'green') process.exitCode = 1
    })
}
