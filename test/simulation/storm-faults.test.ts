// The storm is worth nothing if it cannot see: every planted fault must break a rule of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counts, seeds } from '../kit/counts.ts'
import { runStorm } from '../kit/storm.ts'
import type { PlantedFault } from '../kit/storm-faults.ts'
import { plantedFaults } from '../kit/storm-faults.ts'

const plannedSeeds = Array.from({ length: counts.faultStorms }, (_, index) => seeds.storms + index)

/** What the storm of this seed says, with or without a fault. */
function firstBroken(seed: number, fault?: PlantedFault): string | undefined {
  const undo: (() => void)[] = []
  try {
    const { broken } = runStorm({
      seed,
      seconds: counts.faultStormSeconds,
      callsPerSecond: counts.stormCallsPerSecond,
      weather: { loss: 0.05, double: 0.05, jitterMs: 200 },
      plant: (rig) => {
        const more = fault?.plant(rig)
        if (more !== undefined) undo.push(more)
      },
    })
    return broken[0]
  } finally {
    for (const one of undo) one()
  }
}

test('without a fault the same storms break nothing', () => {
  for (const seed of plannedSeeds) assert.equal(firstBroken(seed), undefined, `seed ${seed}`)
})

test('every planted fault is found', (context) => {
  const missed: string[] = []
  for (const fault of plantedFaults) {
    const found = plannedSeeds.find((seed) => firstBroken(seed, fault) !== undefined)
    if (found === undefined) missed.push(fault.name)
    else context.diagnostic(`${fault.name}: seed ${found}, ${firstBroken(found, fault)?.split('\n', 1)[0]}`)
  }
  context.diagnostic(`${plantedFaults.length - missed.length} of ${plantedFaults.length} faults found`)
  assert.deepEqual(missed, [])
})
