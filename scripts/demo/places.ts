// Loopback addresses of the demo: the first 127.0.N.x whose SIP port is free, so that two demos do not disturb each other.
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

export interface Places {
  readonly edge: string
  readonly london: string
  readonly leeds: string
  readonly oslo: string
  readonly pbx: string
  readonly stranger: string
}

export const sipPort = 5060

function canBindUdp(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.once('error', () => socket.close(() => resolve(false)))
    socket.bind({ address, port, exclusive: true }, () => socket.close(() => resolve(true)))
  })
}

export function canListen(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

export async function findPlaces(): Promise<Places> {
  for (let n = 30; n < 60; n++) {
    const at = (host: number): string => `127.0.${n}.${host}`
    const places = { edge: at(1), london: at(11), leeds: at(12), oslo: at(13), pbx: at(21), stranger: at(66) }
    const free = await Promise.all(Object.values(places).map((address) => canBindUdp(address, sipPort)))
    if (free.every(Boolean)) return places
  }
  throw new Error(
    `no free loopback addresses for the demo: port ${sipPort} is taken on all of 127.0.30.x to 127.0.59.x`,
  )
}
