/** What `-J` tells, in iperf3's order of keys. */
import { second } from '../../../../runtime/index.ts'
import { formatIp } from '../../../../wire/address.ts'
import { plain } from '../iperf/session.ts'
import type { Value } from './cjson.ts'
import type { Measure, Stream } from './stream.ts'
import { directions, type Outcome, outcomeOf, type Part, rateOf, sumOf } from './summary.ts'
import { congestionOf, type Row, type Test } from './test.ts'
import { together } from './text.ts'

/** Seconds to the microsecond. */
const seconds = (time: number): number => Math.round(time / 1000) / 1e6

export const connectedJson = ({ label, socket: { socket } }: Stream): Value => ({
  socket: label,
  local_host: formatIp(plain(socket.address ?? 0)),
  local_port: socket.port,
  remote_host: formatIp(plain(socket.peer ?? 0)),
  remote_port: socket.peerPort,
})

export const testStartJson = ({ options }: Test): Value => ({
  protocol: options.udp ? 'UDP' : 'TCP',
  num_streams: options.parallel,
  blksize: options.length,
  omit: options.omit,
  duration: options.time,
  bytes: options.bytes,
  blocks: options.blocks,
  reverse: options.reverse ? 1 : 0,
  tos: options.tos,
  target_bitrate: options.rate,
})

const measureJson = (test: Test, sends: boolean, measure: Measure, label: number | undefined): Value => {
  const { from, to, bytes, omitted } = measure
  const { udp } = test.options
  const ofTcp = !udp && sends
  const one = ofTcp && label !== undefined
  return {
    socket: label,
    start: seconds(from),
    end: seconds(to),
    seconds: (to - from) / second,
    bytes,
    bits_per_second: rateOf(bytes, to - from),
    retransmits: ofTcp ? measure.retransmits : undefined,
    snd_cwnd: one ? Math.round(measure.window) : undefined,
    snd_wnd: one ? measure.peerWindow : undefined,
    rtt: one ? measure.roundTrip : undefined,
    rttvar: one ? measure.variation : undefined,
    pmtu: one ? measure.pathMtu : undefined,
    jitter_ms: udp && !sends ? measure.jitter * 1000 : undefined,
    lost_packets: udp && !sends ? measure.lost : undefined,
    packets: udp ? measure.packets : undefined,
    lost_percent: udp && !sends ? percent(measure) : undefined,
    omitted,
    sender: sends,
  }
}

const percent = ({ lost, packets }: { lost: number; packets: number }): number =>
  packets > 0 ? (100 * lost) / packets : 0

/** An entry of `intervals`. */
export const intervalJson = (test: Test, rows: readonly Row[]): Value => {
  const sums = directions(test).map(streams => rows.filter(({ stream }) => streams.includes(stream)))
  const sum = (own: readonly Row[] | undefined): Value | undefined =>
    own?.[0] === undefined ? undefined : measureJson(test, own[0].stream.sends, together(own), undefined)
  return {
    streams: rows.map(({ stream, measure }) => measureJson(test, stream.sends, measure, stream.label)),
    sum: sum(sums[0]),
    sum_bidir_reverse: sum(sums[1]),
  }
}

const partJson = ({ bytes, time }: Part, end = time): { [key: string]: Value } => ({
  start: 0,
  end: seconds(time),
  seconds: seconds(end),
  bytes,
  bits_per_second: rateOf(bytes, time),
})

const streamJson = (test: Test, stream: Stream): Value => {
  const outcome = outcomeOf(test, stream)
  const { sent, received, retransmits, here } = outcome
  const socket = stream.label
  if (test.options.udp)
    return {
      udp: {
        socket,
        ...partJson(sent),
        jitter_ms: received.jitter * 1000,
        lost_packets: received.lost,
        packets: stream.packets,
        lost_percent: percent({ lost: received.lost, packets: stream.packets }),
        out_of_order: stream.disordered,
        sender: here,
      },
    }
  const trips = stream.measures.filter(({ omitted }) => !omitted).map(({ roundTrip }) => roundTrip)
  const most = (of: (measure: Measure) => number): number => (here ? Math.max(0, ...stream.measures.map(of)) : 0)
  const known = retransmits !== undefined
  return {
    sender: {
      socket,
      ...partJson(sent),
      retransmits,
      max_snd_cwnd: known ? Math.round(most(({ window }) => window)) : undefined,
      max_snd_wnd: known ? most(({ peerWindow }) => peerWindow) : undefined,
      max_rtt: known ? (here ? Math.max(0, ...trips) : 0) : undefined,
      min_rtt: known ? (here && trips.length > 0 ? Math.min(...trips) : 0) : undefined,
      mean_rtt: known ? (here && trips.length > 0 ? Math.trunc(mean(trips)) : 0) : undefined,
      sender: here,
    },
    // The length of the receiver's part is written as that of this end.
    receiver: { socket, ...partJson(received, test.duration), sender: here },
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

const sumsJson = (test: Test, outcome: Outcome, suffix: string): { [key: string]: Value | undefined } => {
  const { sent, received, retransmits, here } = outcome
  if (!test.options.udp)
    return {
      [`sum_sent${suffix}`]: { ...partJson(sent), retransmits, sender: here },
      [`sum_received${suffix}`]: { ...partJson(received), sender: here },
    }
  const arrived = ({ jitter, lost, packets }: Pick<Part, 'jitter' | 'lost' | 'packets'>) => ({
    jitter_ms: jitter * 1000,
    lost_packets: lost,
    packets,
    lost_percent: percent({ lost, packets }),
  })
  const here_ = here ? sent.packets : received.packets
  return {
    [`sum${suffix}`]: {
      ...partJson(sent),
      end: seconds(received.time),
      seconds: seconds(received.time),
      ...arrived({ ...received, packets: here_ }),
      sender: here,
    },
    [`sum_sent${suffix}`]: {
      ...partJson(sent),
      ...arrived({ jitter: 0, lost: 0, packets: sent.packets }),
      sender: true,
    },
    [`sum_received${suffix}`]: { ...partJson(received), ...arrived(received), sender: false },
  }
}

/** The value of `end`. A simulated processor is never busy. */
export const endJson = (test: Test): Value => {
  const sums = directions(test).map((streams, i) =>
    sumsJson(test, sumOf(streams.map(stream => outcomeOf(test, stream))), i === 0 ? '' : '_bidir_reverse'),
  )
  const [first] = test.streams
  const own = first === undefined ? undefined : congestionOf(first)
  const sends = test.streams.some(stream => stream.sends)
  const idle = ['host_total', 'host_user', 'host_system', 'remote_total', 'remote_user', 'remote_system']
  return {
    streams: test.streams.map(stream => streamJson(test, stream)),
    ...Object.assign({}, ...sums),
    cpu_utilization_percent: Object.fromEntries(idle.map(name => [name, 0])),
    sender_tcp_congestion: sends ? own : test.remoteCongestion,
    receiver_tcp_congestion: sends ? test.remoteCongestion : own,
  }
}
