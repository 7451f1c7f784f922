// Text that may come from a peer or a name, for one line of a mail, a header or a log: no controls, no line separators, no
// marks that turn the direction of what follows.

/** @param most characters. */
export const oneLine = (text: string, most = 500): string =>
  text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u200E\u200F\u202A-\u202E\u2066-\u2069]+/gu, ' ')
    .trim()
    .slice(0, most)
