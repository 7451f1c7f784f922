// The text form in which the torture messages are written: one string per line of the wire, without its CRLF. One
// character is one byte (latin1), so \x escapes say what the RFC writes in its <hex> notation.

/** The exact bytes: every line ends with CRLF. */
export const message = (...lines: string[]): Buffer => Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1')
