// All parts of the benchmark, in the order in which they run. A new one is a file in parts/ and a line here.
import type { Part } from './part.ts'
import { cpuPart } from './parts/cpu.ts'
import { enumerationPart } from './parts/enumeration.ts'
import { lookupPart } from './parts/lookup.ts'

export const parts: readonly Part[] = [lookupPart, enumerationPart, cpuPart]
