// A text that is put together from parts is a tree of them until somebody looks inside. Kept as a key or as a field it holds
// all its parts, some dozens of objects for each call, which the garbage collector visits again and again.

/** The same text in one piece; for texts that are kept. */
export function flat(text: string): string {
  // Looking at a character flattens the tree; no text of ours begins with this one, so the comparison changes nothing.
  return text.charCodeAt(0) === 0xffff ? '' : text
}
