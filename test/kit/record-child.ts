// A process that writes call records for ever and says after each batch how many are safe; a test ends it with SIGKILL.
import { systemClock } from '../../src/base/clock.ts'
import { forwardLog } from '../../src/base/log.ts'
import { rateLines } from '../../src/contract/money.ts'
import { Records } from '../../src/control/record-service.ts'
import { Store } from '../../src/store/store.ts'
import { callRecord } from './call-records.ts'

const [directory = ''] = process.argv.slice(2)
const store = await Store.open(directory, 0)
const tariff = { currency: 'USD', rates: rateLines.parse([{ prefix: '', pricePerMinute: '0.6' }]) }
const names = { accountIds: () => [], gatewayIds: () => [], recordsDays: () => 400 }
const records = new Records({
  store,
  clock: systemClock,
  log: forwardLog(() => undefined),
  names,
  tariffOf: () => tariff,
})

async function writeFrom(number: number): Promise<void> {
  records.add(
    Array.from({ length: 50 }, (_, i) => callRecord(number + i)),
    0,
  )
  await records.flush()
  process.stdout.write(`${number + 50}\n`)
  return writeFrom(number + 50)
}

await writeFrom(0)
