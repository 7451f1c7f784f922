// Whoever may be cancelled: the user of an INVITE server transaction (RFC 3261 9.2).

export interface CancelOwner {
  /** A CANCEL comes from where its INVITE may come from; a stranger who saw a branch ends nobody's call. */
  acceptsCancelFrom(address: string): boolean
  /** `reason`: the value of the CANCEL's Reason field (RFC 3326). */
  onCancel(reason: string | undefined): void
}

/** Told apart by shape, because a server transaction's user may be anything. */
export const isCancelOwner = (user: unknown): user is CancelOwner =>
  typeof user === 'object' && user !== null && 'acceptsCancelFrom' in user
