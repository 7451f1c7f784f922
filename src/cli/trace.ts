// The trace of a call: on the terminal as a ladder with its messages, into a file as packets.
import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { TraceItem } from '../contract/api-trace.ts'
import { addCommand, type CommonOptions, openClient, print, show } from './command.ts'
import { refused } from './failure.ts'
import { printable } from './table.ts'

interface TraceOptions extends CommonOptions {
  readonly pcap?: string
}

async function savePcap(path: string, file: string): Promise<number> {
  const bytes = await openClient().bytes('GET', `${path}.pcap`, { accept: '*/*' })
  try {
    writeFileSync(file, bytes)
  } catch (error) {
    throw refused(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`)
  }
  return bytes.length
}

export function addTraceCommand(program: Command): void {
  addCommand(program, 'trace <call>', 'show the SIP messages of a call, by its id or a Call-ID')
    .option('--pcap <file>', 'write them to a file for Wireshark instead')
    .action(async (call: string, options: TraceOptions) => {
      const path = `/traces/${encodeURIComponent(call)}`
      if (options.pcap !== undefined) {
        const bytes = await savePcap(path, options.pcap)
        show(options, { file: options.pcap, bytes }, () => [`${printable(options.pcap ?? '')}: ${bytes} bytes.`])
      } else if (options.json === true) show(options, await openClient().json<TraceItem>('GET', path), () => [])
      else {
        const text = await openClient().text('GET', `${path}.txt`, { accept: 'text/plain' })
        print(text.trimEnd().split('\n').map(printable))
      }
    })
}
