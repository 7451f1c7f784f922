// Asserts what only a bug of ours can break; the firewall around one transaction turns it into a 500 (house rule: errors).

export class AssertionFault extends Error {
  override readonly name = 'AssertionFault'
}

/** Throws AssertionFault when `condition` is false. Never for what a peer or the world can cause. */
export function assert(condition: unknown, message: string): asserts condition {
  if (condition === false || condition === undefined || condition === null) throw new AssertionFault(message)
}

/** Proves to the compiler that a switch is exhaustive. */
export function unreachable(value: never): never {
  throw new AssertionFault(`unreachable: ${String(value)}`)
}
