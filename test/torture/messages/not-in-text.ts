// RFC 4475: the message of the archive that the text does not describe.
import { message } from '../message.ts'

export const messagesNotInText = {
  /** In the RFC archive, not described in the text. */
  test: message(
    'INVITE sip:alan@jasomi.com',
    'TO : alan@jasomi.com',
    'From: ralph@example.com',
    'MaX-fOrWaRdS: 0068',
    'Call-ID: test.0ha0isndaksdj@192.0.2.1',
    'Xyzzy-2: this is the number ten : 10',
    'Xyzzy-3: INVITE',
    'Xyzzy: 10000000000',
    'Meaning: foo bar spam',
    'Foobar roobar',
    'Content-Length: 18',
    'Content-Type: application/sdp',
    '',
    'v=0',
    'testing=123',
  ),
}
