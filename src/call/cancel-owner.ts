// Whoever may be cancelled: the user of an INVITE server transaction (RFC 3261 9.2).

export interface CancelOwner {
  /** `reason`: the value of the CANCEL's Reason field (RFC 3326). */
  onCancel(reason: string | undefined): void
}
