import type { SocketRow } from '../../../../host/index.ts'

/** `timer:(on,200ms,0)` of `-o`; empty if none runs. */
export const timerText = (row: SocketRow, now: number): string => {
  const { connection, state } = row
  if (connection === undefined) return ''
  const { timeoutAt, probeAt, tries, probes } = connection.sender
  const text = (name: string, when: number, count: number): string =>
    `timer:(${name},${durationText(when - now)},${count})`
  if (state === 'TIME_WAIT') return text('timewait', connection.nextWake(), 0)
  if (Number.isFinite(timeoutAt)) return text('on', timeoutAt, tries)
  if (Number.isFinite(probeAt)) return text('persist', probeAt, probes)
  return connection.keepAlive && Number.isFinite(connection.nextWake())
    ? text('keepalive', connection.nextWake(), 0)
    : ''
}

/** `1min59sec`, `12sec`, `1.2ms`, as ss prints times of timers. */
const durationText = (time: number): string => {
  const ms = Math.max(0, Math.round(time / 1e6))
  const seconds = Math.floor(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  if (minutes > 0) return `${minutes}min${seconds % 60 > 0 ? `${seconds % 60}sec` : ''}`
  if (seconds > 9) return `${seconds}sec`
  return seconds > 0 ? `${seconds}.${`${ms % 1000}`.padStart(3, '0')}ms` : `${ms}ms`
}

/** What `-i` tells of a TCP connection, in the words of ss; undefined for others. */
export const infoText = ({ connection }: SocketRow): string | undefined => {
  if (connection === undefined) return undefined
  const { sender, receiver } = connection
  const { roundTrip, congestion, segment } = sender
  const milliseconds = (time: number): string => `${Number((time / 1e6).toFixed(3))}`
  const words: string[] = [congestion.name]
  words.push(`rto:${Math.round(roundTrip.timeout / 1e6)}`)
  if (roundTrip.smoothed > 0) words.push(`rtt:${milliseconds(roundTrip.smoothed)}/${milliseconds(roundTrip.variation)}`)
  words.push(`mss:${segment}`, `rcvmss:${receiver.largest}`, `cwnd:${Math.floor(congestion.window / segment)}`)
  if (Number.isFinite(congestion.threshold)) words.push(`ssthresh:${Math.floor(congestion.threshold / segment)}`)
  if (sender.una > 1) words.push(`bytes_acked:${sender.una - 1}`)
  if (receiver.next > 1) words.push(`bytes_received:${receiver.next - 1}`)
  if (roundTrip.smoothed > 0) words.push(`send ${rateText((congestion.window * 8e9) / roundTrip.smoothed)}`)
  if (sender.scoreboard.count > 0) words.push(`unacked:${Math.ceil((sender.nxt - sender.una) / segment)}`)
  if (Number.isFinite(roundTrip.least)) words.push(`minrtt:${milliseconds(roundTrip.least)}`)
  return words.join(' ')
}

const rateText = (bits: number): string => {
  const units = ['bps', 'Kbps', 'Mbps', 'Gbps', 'Tbps']
  let at = 0
  let value = bits
  for (; value >= 1000 && at < units.length - 1; at++) value /= 1000
  return `${Number(value.toPrecision(3))}${units[at]}`
}
