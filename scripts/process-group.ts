// Looks at processes through /proc: who is in a group or session, and what it runs. Linux only; elsewhere empty.
import { existsSync, readdirSync, readFileSync } from 'node:fs'

export interface ProcessRow {
  readonly pid: number
  readonly group: number
  readonly session: number
  /** User and system time so far, in clock ticks of 1/100 s. */
  readonly cpuTicks: number
}

function readRow(pid: string): ProcessRow | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in brackets may hold anything; the numbers stand after the last bracket.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    return {
      pid: Number(pid),
      group: fields[2] ?? 0,
      session: fields[3] ?? 0,
      cpuTicks: (fields[11] ?? 0) + (fields[12] ?? 0),
    }
  } catch {
    return undefined
  }
}

/** All processes there are, as far as they can be read. */
export function readProcesses(): ProcessRow[] {
  if (!existsSync('/proc/self/stat')) return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readRow(pid) ?? [])
}

/** The test files that processes of this group are running. */
export function testFilesOfGroup(group: number): string[] {
  return readProcesses()
    .filter((row) => row.group === group && row.pid !== group)
    .flatMap((row) => {
      try {
        return readFileSync(`/proc/${row.pid}/cmdline`, 'utf8').split('\0')
      } catch {
        return []
      }
    })
    .filter((argument) => argument.endsWith('.test.ts'))
}
