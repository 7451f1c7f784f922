// All parts of the benchmark, in the order in which they run. A new one is a file in parts/ and a line here.
import type { Part } from './part.ts'
import { addressesPart } from './parts/addresses.ts'
import { capacityPart } from './parts/capacity.ts'
import { cpuPart } from './parts/cpu.ts'
import { crossCheckPart } from './parts/cross-check.ts'
import { enumerationPart } from './parts/enumeration.ts'
import { longCallsPart } from './parts/long-calls.ts'
import { lookupPart } from './parts/lookup.ts'
import { codePart } from './parts/code.ts'
import { floorPart } from './parts/floor.ts'
import { memoryPart } from './parts/memory.ts'
import { pausesPart } from './parts/pauses.ts'
import { publicationPart } from './parts/publication.ts'
import { scalePart } from './parts/scale.ts'

export const parts: readonly Part[] = [
  cpuPart,
  longCallsPart,
  addressesPart,
  capacityPart,
  memoryPart,
  scalePart,
  pausesPart,
  floorPart,
  crossCheckPart,
  codePart,
  lookupPart,
  publicationPart,
  enumerationPart,
]
