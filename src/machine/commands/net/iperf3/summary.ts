/** What a test came to: of each stream, what went out of one end and into the other. */
import type { Stream } from './stream.ts'
import type { Test } from './test.ts'

/** One end's part. Time in nanoseconds. */
export type Part = { bytes: number; time: number; packets: number; lost: number; jitter: number }

export type Outcome = {
  /** Whether the sender is here. */
  here: boolean
  sent: Part
  received: Part
  /** Segments sent again; undefined where nobody counts them. */
  retransmits: number | undefined
}

const nothing = (time: number): Part => ({ bytes: 0, time, packets: 0, lost: 0, jitter: 0 })

export const outcomeOf = (test: Test, stream: Stream): Outcome => {
  const { bytes, packets, lost, jitter, remote, sends } = stream
  const here: Part = { bytes, time: test.duration, packets, lost, jitter }
  const there: Part = remote === undefined || remote.time === 0 ? nothing(test.duration) : { ...remote }
  const counted = test.options.udp
    ? undefined
    : sends
      ? stream.retransmits
      : remote !== undefined && test.remoteCounts && remote.retransmits >= 0
        ? remote.retransmits
        : undefined
  return sends
    ? { here: true, sent: here, received: there, retransmits: counted }
    : { here: false, sent: there, received: here, retransmits: counted }
}

const added = (parts: readonly Part[]): Part => ({
  bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
  time: parts[0]?.time ?? 0,
  packets: parts.reduce((sum, part) => sum + part.packets, 0),
  lost: parts.reduce((sum, part) => sum + part.lost, 0),
  jitter: parts.reduce((sum, part) => sum + part.jitter, 0) / Math.max(1, parts.length),
})

/** All streams of one direction together. */
export const sumOf = (outcomes: readonly Outcome[]): Outcome => ({
  here: outcomes[0]?.here ?? false,
  sent: added(outcomes.map(({ sent }) => sent)),
  received: added(outcomes.map(({ received }) => received)),
  retransmits: outcomes.some(({ retransmits }) => retransmits === undefined)
    ? undefined
    : outcomes.reduce((sum, { retransmits = 0 }) => sum + retransmits, 0),
})

/** The streams of each direction, the client's first; one list where there is one direction. */
export const directions = (test: Test): Stream[][] => {
  const { streams, options } = test
  if (!options.bidirectional) return [streams]
  return [streams.slice(0, options.parallel), streams.slice(options.parallel)]
}

/** Bits a second. */
export const rateOf = (bytes: number, time: number): number => (time > 0 ? (bytes * 8e9) / time : 0)
