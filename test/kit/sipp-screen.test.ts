// The screens as SIPp 3.6.1 writes them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSippScreen } from './sipp-screen.ts'

const caller = `------------------------------ Scenario Screen -------- [1-9]: Change Screen --
  Call rate (length)   Port   Total-time  Total-calls  Remote-host
  50.0(100 ms)/1.000s   5091       2.00 s          100  127.0.7.1:5090(UDP)

  0 calls (limit 150)                     Peak was 12 calls, after 0 s
                                 Messages  Retrans   Timeout   Unexpected-Msg
      INVITE ---------->         100       3         1                         
         100 <----------         97        0         0         2             
         200 <----------  E-RTD1 98        1         0         0               
         ACK ---------->         98        0                                   
       Pause [    100ms]         98                            0        
         BYE ---------->         98        0         0                         
----------------------------- Statistics Screen ------- [1-9]: Change Screen --
  Total Calls created    |                           |      100                 
  Successful call        |        0                  |       97                 
  Failed call            |        0                  |        3                 
`

test('reads counts, retransmissions of both directions, and the peak', () => {
  const counts = parseSippScreen(caller)
  assert.deepEqual(
    [counts.successful, counts.failed, counts.total, counts.peak, counts.retransmissions],
    [97, 3, 100, 12, 4],
  )
  assert.deepEqual([counts.unexpected, counts.timeouts], [2, 1])
  assert.deepEqual(counts.messages[2], {
    name: '200',
    direction: 'in',
    messages: 98,
    retransmissions: 1,
    timeouts: 0,
    unexpected: 0,
  })
})

test('in a gateway the name stands behind the arrow', () => {
  const gateway = `Scenario Screen
  ----------> INVITE             5         2         0         1               
  <---------- 180                5         0                                   
  ----------> ACK         E-RTD1 5         0         0         0               
  Failed call            |        0                  |        0                 
`
  const counts = parseSippScreen(gateway)
  assert.deepEqual(
    counts.messages.map((line) => `${line.name} ${line.direction} ${line.messages}`),
    ['INVITE in 5', '180 out 5', 'ACK in 5'],
  )
  assert.deepEqual([counts.retransmissions, counts.unexpected], [2, 1])
})

test('takes the last whole screen of a file that was cut, and zeros from an empty one', () => {
  assert.equal(parseSippScreen(`${caller}${caller.slice(0, 300)}`).total, 100)
  assert.equal(parseSippScreen('').total, 0)
})
