/** iperf3's lines. */
import { second } from '../../../../runtime/index.ts'
import { lossText, rateText, sizeText } from '../iperf/text.ts'
import type { Measure, Stream } from './stream.ts'
import { directions, type Outcome, outcomeOf, type Part, sumOf } from './summary.ts'
import type { Row, Test } from './test.ts'

export const separator = '- - - - - - - - - - - - - - - - - - - - - - - - -\n'
export const rule = '-----------------------------------------------------------\n'

/** `[  5]`, `[SUM]`, and the role where both ends send. */
const labelText = (test: Test, stream: Stream, sum: boolean): string => {
  const role = test.options.bidirectional ? `[${stream.sends ? 'TX' : 'RX'}-${test.isClient ? 'C' : 'S'}]` : ''
  return `[${sum ? 'SUM' : `${stream.label}`.padStart(3)}]${role}`
}

/** `   0.00-1.00   sec  1.21 GBytes  10.4 Gbits/sec`; times in nanoseconds. */
const spanText = (from: number, to: number, bytes: number, format: string): string => {
  const rate = to > from ? (bytes * second) / (to - from) : 0
  const times = `${(from / second).toFixed(2).padStart(6)}-${(to / second).toFixed(2).padEnd(6)}`
  // A unit by itself is of bits: a capital chooses bytes.
  return ` ${times} sec  ${short(sizeText(bytes, 'A'))}s  ${short(rateText(rate, format))}`
}

/** Below a unit's first step iperf3 has two digits where iperf has three. */
const short = (text: string): string => text.replace(/^(0\.\d\d)\d /, '$1 ')

const titled = (test: Test, words: string): string =>
  `[ ID]${test.options.bidirectional ? '[Role]' : ''} Interval           Transfer     Bitrate${words === '' ? '' : '         '}${words}\n`

const udpWords = 'Jitter    Lost/Total Datagrams'

/** The heading of the lines of intervals. */
export const intervalHeading = (test: Test): string => {
  const sends = test.streams.some(stream => stream.sends)
  if (!test.options.udp) return titled(test, sends ? 'Retr  Cwnd' : '')
  return titled(test, sends && !test.options.bidirectional ? 'Total Datagrams' : udpWords)
}

const count = (value: number): string => `${value}`.padStart(3)

const arrivals = ({ jitter, lost, packets }: Pick<Part, 'jitter' | 'lost' | 'packets'>): string =>
  `${(jitter * 1000).toFixed(3)} ms  ${lossText(lost, packets)}`

const intervalLine = (test: Test, stream: Stream, measure: Measure, sum: boolean, format: string): string => {
  const start = labelText(test, stream, sum) + spanText(measure.from, measure.to, measure.bytes, format)
  const omitted = measure.omitted ? '(omitted)' : ''
  const { sends } = stream
  if (test.options.udp)
    return sends
      ? `${start} ${test.options.bidirectional ? ' '.repeat(10) : ''} ${measure.packets}  ${omitted}\n`
      : `${start}  ${arrivals(measure)}  ${omitted}\n`
  if (!sends) return `${start}                  ${omitted}\n`
  if (sum) return `${start}  ${count(measure.retransmits)}             ${omitted}\n`
  return `${start}  ${count(measure.retransmits)}   ${short(sizeText(measure.window, 'A'))}s       ${omitted}\n`
}

/** The measures of one direction as one. */
export const together = (rows: readonly Row[]): Measure => {
  const [first] = rows as [Row]
  const sum = (of: (measure: Measure) => number): number => rows.reduce((total, { measure }) => total + of(measure), 0)
  return {
    ...first.measure,
    bytes: sum(measure => measure.bytes),
    retransmits: sum(measure => measure.retransmits),
    packets: sum(measure => measure.packets),
    lost: sum(measure => measure.lost),
    jitter: sum(measure => measure.jitter) / rows.length,
  }
}

/** The lines of an interval, with their sums. */
export const intervalText = (test: Test, rows: readonly Row[], format: string): string =>
  directions(test)
    .map(streams => {
      const own = rows.filter(({ stream }) => streams.includes(stream))
      const lines = own.map(({ stream, measure }) => intervalLine(test, stream, measure, false, format)).join('')
      const [first] = own
      return own.length > 1 && first !== undefined
        ? lines + intervalLine(test, first.stream, together(own), true, format)
        : lines
    })
    .join('')

/** Both lines of a stream at the end; a server knows its own only. */
const outcomeText = (test: Test, stream: Stream, outcome: Outcome, sum: boolean, format: string): string => {
  const label = labelText(test, stream, sum)
  const { sent, received, retransmits } = outcome
  const line = (part: Part, words: string): string =>
    `${label}${spanText(0, part.time, part.bytes, format)}  ${words}\n`
  let text = ''
  if (test.isClient || outcome.here)
    text += line(
      sent,
      test.options.udp
        ? `${arrivals({ jitter: 0, lost: 0, packets: sent.packets })}  sender`
        : `${retransmits === undefined ? '   ' : count(retransmits)}             sender`,
    )
  if (test.isClient || !outcome.here)
    text += line(received, test.options.udp ? `${arrivals(received)}  receiver` : '                receiver')
  return text
}

/** What is printed at the end. */
export const finalText = (test: Test, format: string): string => {
  const counts = test.isClient || test.streams.some(stream => stream.sends)
  const heading = titled(test, test.options.udp ? udpWords : counts ? 'Retr' : '')
  const blocks = directions(test).map(streams => {
    const outcomes = streams.map(stream => outcomeOf(test, stream))
    const lines = streams.map((stream, i) => outcomeText(test, stream, outcomes[i] as Outcome, false, format)).join('')
    const [first] = streams
    return streams.length > 1 && first !== undefined
      ? lines + outcomeText(test, first, sumOf(outcomes), true, format)
      : lines
  })
  return heading + blocks.join('')
}
