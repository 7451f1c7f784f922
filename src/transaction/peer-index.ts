// Client transactions that have not heard anything yet, by the peer that owes them a reply, so that one transport error
// finds all of them. Linked lists: entering and leaving cost no allocation.
import { TextTable } from '../base/text-table.ts'

export interface PeerMember<Member> {
  readonly peer: string
  nextAtPeer: Member | undefined
  previousAtPeer: Member | undefined
}

export class PeerIndex<Member extends PeerMember<Member>> {
  readonly #heads = new TextTable<Member>()

  /** How many peers owe a reply. */
  get peerCount(): number {
    return this.#heads.size
  }

  add(member: Member): void {
    const head = this.#heads.get(member.peer)
    member.nextAtPeer = head
    if (head !== undefined) head.previousAtPeer = member
    this.#heads.set(member.peer, member)
  }

  /** Harmless for one that is not in the index. */
  remove(member: Member): void {
    const { nextAtPeer: next, previousAtPeer: previous } = member
    if (previous !== undefined) previous.nextAtPeer = next
    else if (this.#heads.get(member.peer) === member) {
      if (next === undefined) this.#heads.delete(member.peer)
      else this.#heads.set(member.peer, next)
    }
    if (next !== undefined) next.previousAtPeer = previous
    member.nextAtPeer = undefined
    member.previousAtPeer = undefined
  }

  /** All that wait for this peer, the longest waiting first; they stay in the index until removed. */
  waitingFor(peer: string): Member[] {
    const members: Member[] = []
    for (let member = this.#heads.get(peer); member !== undefined; member = member.nextAtPeer) members.push(member)
    return members.toReversed()
  }
}
