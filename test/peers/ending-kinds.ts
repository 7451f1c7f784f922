// The ways in which the calls of the ending run end.

/** Each kind, with what the caller must see as final answer of its INVITE. */
export const kinds = {
  'BYE of the caller': 200,
  'BYE of the gateway': 200,
  'BYE of both at once': 200,
  'CANCEL before ringing': 487,
  'CANCEL while ringing': 487,
  'CANCEL crossing 200': 487,
  '404': 404,
  '486': 486,
  '503': 503,
  '603': 603,
  'no reply': 408,
  'no ACK': 200,
  're-INVITE, then BYE': 200,
  'caller vanishes': 200,
  'gateway vanishes': 200,
  'max duration': 200,
} as const

export type Kind = keyof typeof kinds
/** In the order of the last two digits of the dialled number. */
export const kindNames = Object.keys(kinds) as Kind[]
