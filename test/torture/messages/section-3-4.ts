// RFC 4475 section 3.4: backward compatibility.
import { message } from '../message.ts'

export const messages34 = {
  /** 3.4.1 INVITE with RFC 2543 Syntax. */
  inv2543: message(
    'INVITE sip:UserB@example.com SIP/2.0',
    'Via: SIP/2.0/UDP iftgw.example.com',
    'From: <sip:+13035551111@ift.client.example.net;user=phone>',
    'Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>',
    'To: sip:+16505552222@ss1.example.net;user=phone',
    'Call-ID: inv2543.1717@ift.client.example.com',
    'CSeq: 56 INVITE',
    'Content-Type: application/sdp',
    '',
    'v=0',
    'o=mhandley 29739 7272939 IN IP4 192.0.2.5',
    's=-',
    'c=IN IP4 192.0.2.5',
    't=0 0',
    'm=audio 49217 RTP/AVP 0',
  ),
}
