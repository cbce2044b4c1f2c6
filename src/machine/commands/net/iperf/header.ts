/** What iperf 2 says to iperf 2: the head of datagrams, a client's wish for a test back, a server's report. */
import { u32 } from '../../../../wire/header.ts'
import type { Arrivals } from './report.ts'

const version1 = 0x80000000
const extended = 0x40000000
const runNow = 1

/** A datagram begins with its number, 1 and up, negative for the last; and with when it was sent. */
export const datagramHead = 16
/** The shortest datagram that has room for all. */
export const shortestDatagram = 52

export const writeDatagram = (bytes: Uint8Array, id: number, time: number): void => {
  // The high half of the number comes behind the time (its place in older versions was the flags').
  const wide = BigInt.asUintN(64, BigInt(id))
  u32.set(bytes, 0, Number(wide & 0xffffffffn))
  u32.set(bytes, 4, Math.floor(time / 1e9))
  u32.set(bytes, 8, Math.floor((time % 1e9) / 1000))
  u32.set(bytes, 12, Number(wide >> 32n))
}

/** The number and the time sent, ns; undefined for what is too short. */
export const readDatagram = (bytes: Uint8Array): { id: number; time: number } | undefined => {
  if (bytes.length < datagramHead) return undefined
  // What only 32 bits can say is said by them: an old peer leaves the high half alone.
  const id = u32.get(bytes, 0) | 0
  return { id, time: u32.get(bytes, 4) * 1e9 + u32.get(bytes, 8) * 1000 }
}

/** A client's wish that the server should test back: to this port, as long (`time`, s) or as much (`amount`, bytes). */
export type Wish = {
  now: boolean
  streams: number
  port: number
  length: number
  /** Its window, or its rate in bits a second; 0 for the usual. */
  window: number
  time: number
  amount: number | undefined
}

const wishSize = 24

export const writeWish = (bytes: Uint8Array, at: number, wish: Wish): void => {
  u32.set(bytes, at, (version1 | (wish.now ? runNow : 0)) >>> 0)
  u32.set(bytes, at + 4, wish.streams)
  u32.set(bytes, at + 8, wish.port)
  u32.set(bytes, at + 12, wish.length)
  u32.set(bytes, at + 16, wish.window)
  u32.set(bytes, at + 20, wish.amount ?? -Math.round(wish.time * 100) >>> 0)
}

/** The wish at a place, or undefined if there is none. */
export const readWish = (bytes: Uint8Array, at: number): Wish | undefined => {
  if (at + wishSize > bytes.length) return undefined
  const flags = u32.get(bytes, at)
  if (flags >>> 0 < version1) return undefined
  const amount = u32.get(bytes, at + 20) | 0
  return {
    now: (flags & runNow) !== 0,
    streams: Math.min(64, Math.max(1, u32.get(bytes, at + 4))),
    port: u32.get(bytes, at + 8) & 0xffff,
    length: u32.get(bytes, at + 12),
    window: u32.get(bytes, at + 16),
    time: amount < 0 ? -amount / 100 : 0,
    amount: amount < 0 ? undefined : amount,
  }
}

/** How long the head of a client's stream is, by its first word; 0 for one that begins with data. */
export const headLength = (first: number): number => {
  if (first >>> 0 < version1) return 0
  // Newer clients say it: 16 bits, each of them one higher than its weight.
  return (first & 0x10000) === 0 ? wishSize : Math.max(wishSize, (first & 0xfffe) >>> 1)
}

/** What a client of version 2.1 waits for after its head: that we are of that version too. */
export const headAnswer = (first: number): Uint8Array | undefined => {
  if ((first & extended) === 0) return undefined
  const bytes = new Uint8Array(28)
  u32.set(bytes, 0, 2)
  u32.set(bytes, 4, bytes.length)
  u32.set(bytes, 12, 0x00020001)
  u32.set(bytes, 16, 0x00080003)
  return bytes
}

export const reportSize = 128

/** A server's answer to the last datagram. `time` in seconds. */
export type ServerReport = { bytes: number; time: number; arrivals: Arrivals }

export const writeReport = (bytes: Uint8Array, { bytes: size, time, arrivals }: ServerReport): void => {
  const at = datagramHead
  u32.set(bytes, at, version1)
  u32.set(bytes, at + 4, Math.floor(size / 2 ** 32))
  u32.set(bytes, at + 8, size % 2 ** 32)
  u32.set(bytes, at + 12, Math.floor(time))
  u32.set(bytes, at + 16, Math.floor((time % 1) * 1e6))
  u32.set(bytes, at + 20, arrivals.lost)
  u32.set(bytes, at + 24, arrivals.disordered)
  u32.set(bytes, at + 28, arrivals.total)
  u32.set(bytes, at + 32, Math.floor(arrivals.jitter))
  u32.set(bytes, at + 36, Math.floor((arrivals.jitter % 1) * 1e6))
}

export const readReport = (bytes: Uint8Array): ServerReport | undefined => {
  const at = datagramHead
  if (bytes.length < at + 40 || u32.get(bytes, at) >>> 0 < version1) return undefined
  return {
    bytes: u32.get(bytes, at + 4) * 2 ** 32 + u32.get(bytes, at + 8),
    time: u32.get(bytes, at + 12) + u32.get(bytes, at + 16) / 1e6,
    arrivals: {
      lost: u32.get(bytes, at + 20),
      disordered: u32.get(bytes, at + 24),
      total: u32.get(bytes, at + 28),
      jitter: u32.get(bytes, at + 32) + u32.get(bytes, at + 36) / 1e6,
    },
  }
}
