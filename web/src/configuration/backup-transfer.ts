// Moves backups between the browser and the server, and tells how far it is. Never throws: a failure is a problem.
import type { RestoreAnswer } from '../../../src/contract/api-config.ts'
import { apiBase, headerText } from '../kit/api-client.ts'
import type { Answer, Problem } from '../kit/problem.ts'
import { noAnswer, parseProblem } from '../kit/problem.ts'

const reasonHeader = (reason: string): Record<string, string> =>
  reason === '' ? {} : { 'x-reason': headerText(reason) }

/** The browser saves it; the address is given back when it surely has. */
function saveFile(content: Blob, name: string): void {
  const href = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = href
  link.download = name
  link.click()
  window.setTimeout(() => URL.revokeObjectURL(href), 60_000)
}

/** @param onProgress bytes so far; nobody knows how many will come */
export async function downloadBackup(
  reason: string,
  onProgress: (bytes: number) => void,
): Promise<Problem | undefined> {
  try {
    const response = await fetch(`${apiBase}/backup`, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json', ...reasonHeader(reason) },
    })
    if (!response.ok) return parseProblem(response.status, await response.json().catch(() => undefined))
    let bytes = 0
    const counted = response.body?.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, controller) => {
          bytes += chunk.length
          onProgress(bytes)
          controller.enqueue(chunk)
        },
      }),
    )
    const day = new Date().toISOString().slice(0, 10)
    saveFile(await new Response(counted ?? null).blob(), `tollgate-backup-${day}.tar`)
    return undefined
  } catch {
    return noAnswer
  }
}

export interface Upload {
  /** undefined when it was given up. */
  readonly done: Promise<Answer<RestoreAnswer> | undefined>
  /** Of use while bytes are on their way; what has arrived whole is checked and put in force. */
  readonly giveUp: () => void
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** @param onProgress the part that has gone out, 0 to 1. `fetch` cannot tell it. */
export function uploadBackup(file: Blob, reason: string, onProgress: (sent: number) => void): Upload {
  const request = new XMLHttpRequest()
  const done = new Promise<Answer<RestoreAnswer> | undefined>((resolve) => {
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0))
    request.upload.addEventListener('load', () => onProgress(1))
    request.addEventListener('load', () => {
      const body = parseJson(request.responseText)
      if (request.status === 200) resolve({ kind: 'value', value: body as RestoreAnswer })
      else resolve({ kind: 'problem', problem: parseProblem(request.status, body) })
    })
    request.addEventListener('error', () => resolve({ kind: 'problem', problem: noAnswer }))
    request.addEventListener('abort', () => resolve(undefined))
  })
  request.open('POST', `${apiBase}/restore`)
  for (const [name, value] of Object.entries(reasonHeader(reason))) request.setRequestHeader(name, value)
  request.setRequestHeader('content-type', 'application/x-tar')
  request.send(file)
  return { done, giveUp: () => request.abort() }
}
