// Writes the figures of docs/reference/performance.md from the newest run of the benchmark (bench/results/latest.json). The text
// around them is written by people and stays; before the first run everything stays.
import { existsSync, readFileSync } from 'node:fs'
import { latestFile, pageFile } from '../../bench/report.ts'
import type { BenchResult } from '../../bench/report.ts'
import { figuresText, fillPage } from '../../bench/table.ts'

export function performancePage(): string {
  const page = readFileSync(pageFile, 'utf8')
  if (!existsSync(latestFile)) return page
  return fillPage(page, figuresText(JSON.parse(readFileSync(latestFile, 'utf8')) as BenchResult))
}
