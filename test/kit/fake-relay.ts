// A media relay on the edge rig: answers when told to, replaces addresses and protocol, remembers what it holds.
import { decodeBencode, encodeBencode } from '../../src/media/bencode.ts'
import type { EdgeRig } from './edge-rig.ts'

type Fields = Readonly<Record<string, string>>

export const relayAddress = '10.9.9.9'

export class FakeRelay {
  readonly #rig: EdgeRig
  /** `command` and who it is about, in the order asked. */
  readonly asked: string[] = []
  readonly #calls = new Map<string, string>()
  #deleted = 0

  constructor(rig: EdgeRig) {
    this.#rig = rig
  }

  /** Calls that it holds now, and how many were deleted. */
  get held(): { readonly calls: number; readonly deleted: number } {
    return { calls: this.#calls.size, deleted: this.#deleted }
  }

  /** Answers everything asked so far; `refuse` = with an error. */
  answer(refuse = false): void {
    for (const bytes of this.#rig.mediaQuestions.splice(0)) {
      const text = bytes.toString('latin1')
      const space = text.indexOf(' ')
      const fields = decodeBencode(text.slice(space + 1)) as Fields
      const result = refuse ? { result: 'error', 'error-reason': 'no' } : this.#result(fields)
      this.#rig.edge.onMediaDatagram(Buffer.from(`${text.slice(0, space)} ${encodeBencode(result)}`, 'latin1'))
    }
  }

  #result(fields: Fields): Record<string, string> {
    const { command = '', 'call-id': callId = '', sdp = '' } = fields
    this.asked.push(command)
    if (command === 'delete') {
      if (this.#calls.delete(callId)) this.#deleted += 1
      return { result: 'ok' }
    }
    const offered = /RTP\/\S+/.exec(sdp)?.[0] ?? ''
    const protocol = command === 'offer' ? (fields['transport-protocol'] ?? '') : (this.#calls.get(callId) ?? '')
    if (command === 'offer') this.#calls.set(callId, offered)
    const made = sdp.replaceAll(/IN IP4 [\d.]+/g, `IN IP4 ${relayAddress}`).replace(/RTP\/\S+/, protocol)
    return { result: 'ok', sdp: made }
  }
}
