// Takes the secrets out of a message's text: digest answers (RFC 7616), passwords in URIs (RFC 3261 19.1.1), keys of SDP
// (RFC 4568, 4566 5.12, 4567). Each character becomes an asterisk, so that every length in the message stays true.

const stars = (text: string): string => text.replaceAll(/[^\s,;]/g, '*')

/** What of the credentials is no secret; everything else is masked, also what nobody knows. */
const openParameters = new Set(['username', 'realm', 'nonce', 'uri', 'algorithm', 'qop', 'nc', 'opaque', 'nextnonce'])
const parameter = /([\w-]+)(\s*=\s*)("(?:\\[^\r\n]|[^"\\\r\n])*"|[^\s",;]+)?/g

function maskCredentials(value: string): string {
  const scheme = /^\s*Digest(?=\s)/i.exec(value)?.[0] ?? /^\s*/.exec(value)?.[0] ?? ''
  let masked = scheme
  let end = scheme.length
  parameter.lastIndex = end
  for (const found of value.matchAll(parameter)) {
    if (found.index < end) continue
    const [whole, name = '', equals = '', given = ''] = found
    masked += stars(value.slice(end, found.index))
    masked += name + equals + (openParameters.has(name.toLowerCase()) ? given : maskValue(given))
    end = found.index + whole.length
  }
  return masked + stars(value.slice(end))
}

/** The quotes stay, what is between them goes. */
const maskValue = (value: string): string =>
  value.length > 1 && value.startsWith('"') ? `"${'*'.repeat(value.length - 2)}"` : '*'.repeat(value.length)

/** A field with its folded lines. */
const credentialFields = /^((?:Proxy-)?(?:Authorization|Authentication-Info)[ \t]*:)((?:[^\r\n]|\r?\n[ \t])*)/gim
const uriPassword = /(\bsips?:[^\s:@<>"]*:)([^\s@<>"]+)(?=@)/gi
const sdpKeys = /^((?:a=crypto:\S*[ \t]+\S+[ \t]+)|(?:a=key-mgmt:[ \t]*\S+[ \t]+)|(?:k=[^:\r\n]*:))([^\r\n]+)/gim
/** Whatever else stands in a line of keys that is not written as it should be. */
const inlineKey = /(\binline:)(\S+)/gi

/** `text` is latin1; so is the answer, and of the same length. */
export function maskSecrets(text: string): string {
  return text
    .replaceAll(credentialFields, (_whole, name: string, value: string) => name + maskCredentials(value))
    .replaceAll(uriPassword, (_whole, before: string, password: string) => before + '*'.repeat(password.length))
    .replaceAll(sdpKeys, (_whole, before: string, key: string) => before + stars(key))
    .replaceAll(inlineKey, (_whole, before: string, key: string) => before + '*'.repeat(key.length))
}
