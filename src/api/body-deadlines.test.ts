// Deadlines of bodies on a clock that the test moves.
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { mock, test } from 'node:test'
import { watchBody } from './body-deadlines.ts'

class Line extends EventEmitter {
  bytesRead = 0
  written = ''
  isDestroyed = false
  write(text: string): void {
    this.written += text
  }
  destroy(): void {
    this.isDestroyed = true
  }
}

class Arriving extends EventEmitter {
  complete = false
  headers: Record<string, string> = { 'content-length': '1000000' }
  readonly socket = new Line()
}

mock.timers.enable({ apis: ['setInterval'] })

test('an ordinary body must be complete within a minute, however it trickles', () => {
  const body = new Arriving()
  watchBody(body, false)
  for (let second = 0; second < 59; second += 1) {
    body.socket.bytesRead += 10
    mock.timers.tick(1_000)
  }
  assert.equal(body.socket.isDestroyed, false)
  mock.timers.tick(1_000)
  assert.equal(body.socket.isDestroyed, true)
  assert.match(body.socket.written, /^HTTP\/1\.1 408 /)
})

test('a backup may take hours as long as it moves; one that stands still for a minute is cut off', () => {
  const body = new Arriving()
  watchBody(body, true)
  for (let second = 0; second < 7_200; second += 30) {
    body.socket.bytesRead += 10
    mock.timers.tick(30_000)
  }
  assert.equal(body.socket.isDestroyed, false)
  mock.timers.tick(70_000)
  assert.equal(body.socket.isDestroyed, true)
})

test('a connection that closes after an early answer ends the watch, and a watch leaves nothing on the connection', () => {
  const early = new Arriving()
  watchBody(early, false)
  early.socket.emit('close')
  mock.timers.tick(3_600_000)
  assert.equal(early.socket.isDestroyed, false)
  const ended = new Arriving()
  watchBody(ended, false)
  ended.emit('end')
  assert.equal(ended.socket.listenerCount('close'), 0)
})

test('what has arrived has no deadline any more, and a request without a body has none', () => {
  const ended = new Arriving()
  watchBody(ended, false)
  ended.emit('end')
  const empty = new Arriving()
  empty.headers = {}
  watchBody(empty, false)
  assert.equal(empty.listenerCount('end'), 0)
  mock.timers.tick(3_600_000)
  assert.deepEqual([ended.socket.isDestroyed, empty.socket.isDestroyed], [false, false])
})
