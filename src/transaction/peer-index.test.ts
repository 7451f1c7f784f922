// The lists of waiting transactions against a naive reference.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomBelow, seededRandom } from '../base/random.ts'
import { PeerIndex } from './peer-index.ts'
import type { PeerMember } from './peer-index.ts'

interface Member extends PeerMember<Member> {
  readonly id: number
}

test('the members of each peer are those of a naive list, in order, through 20,000 random changes', () => {
  const random = seededRandom(11)
  const index = new PeerIndex<Member>()
  const all: Member[] = []
  for (let id = 0; id < 20_000; id++) {
    if (all.length === 0 || randomBelow(random, 100) < 52) {
      const member: Member = {
        id,
        peer: `peer-${randomBelow(random, 5)}`,
        nextAtPeer: undefined,
        previousAtPeer: undefined,
      }
      index.add(member)
      all.push(member)
    } else {
      const [member] = all.splice(randomBelow(random, all.length), 1)
      if (member !== undefined) {
        index.remove(member)
        index.remove(member)
      }
    }
    if (id % 97 === 0)
      for (let peer = 0; peer < 5; peer++)
        assert.deepEqual(
          index.waitingFor(`peer-${peer}`).map((member) => member.id),
          all.filter((member) => member.peer === `peer-${peer}`).map((member) => member.id),
        )
  }
  for (const member of all) index.remove(member)
  assert.equal(index.peerCount, 0)
})
