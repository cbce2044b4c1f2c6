import type { Bpdu } from '../../wire/bpdu.ts'

/** What a port of a bridge with a spanning tree does with frames. */
export type TreeState = 'disabled' | 'blocking' | 'listening' | 'learning' | 'forwarding'

/** What a spanning tree says about a port, for translation and for OpenFlow; a port without a tree is free to do all. */
export type PortTree = {
  /** Which protocol, as remarks name it. */
  readonly protocol: 'STP' | 'RSTP'
  readonly state: TreeState
  readonly forwards: boolean
  readonly learns: boolean
}

/** What a port does in each state. */
export const portTrees = (protocol: PortTree['protocol']): { readonly [S in TreeState]: PortTree } => {
  const tree = (state: TreeState): PortTree => ({
    protocol,
    state,
    forwards: state === 'forwarding',
    learns: state === 'learning' || state === 'forwarding',
  })
  return {
    disabled: tree('disabled'),
    blocking: tree('blocking'),
    listening: tree('listening'),
    learning: tree('learning'),
    forwarding: tree('forwarding'),
  }
}

/**
 * A spanning tree protocol of one bridge, without I/O. Ports have the numbers that their owner gives them. Times are
 * nanoseconds; after every call `take` has what is to be sent, `nextWake` says when `wake` is due.
 */
export interface SpanningTree {
  readonly protocol: 'STP' | 'RSTP'
  /** Bytes came in at a port that should be a message. */
  receive(now: number, port: number, bytes: Uint8Array): void
  wake(now: number): void
  nextWake(): number | undefined
  /** What is to be sent, in order; emptied. */
  take(): { port: number; bpdu: Bpdu }[]
  /** Whether learned MACs are to be forgotten: of these ports, or all of them; emptied. */
  takeFlush(): readonly number[] | 'all' | undefined
  /** What a port does; undefined for a port that takes no part. */
  port(port: number): PortTree | undefined
}
