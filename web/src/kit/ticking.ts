// One clock for all ages on the page. A cell is drawn again only when its own text changes.
import { useSyncExternalStore } from 'react'

const listeners = new Set<() => void>()
let timer: number | undefined

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= window.setInterval(() => {
    for (const one of listeners) one()
  }, 1000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    window.clearInterval(timer)
    timer = undefined
  }
}

/** The text that `read` gives, followed every second. */
export function useTicking(read: () => string): string {
  return useSyncExternalStore(subscribe, read)
}
