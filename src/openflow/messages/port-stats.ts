import type { Reader, Writer } from '../bytes.ts'
import {
  type Count,
  formatCount,
  formatDuration,
  readCount,
  readDuration,
  writeCount,
  writeDuration,
} from '../counter.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import type { PortStats } from '../message.ts'
import { fromPort11, readPort, toPort11, writePort } from '../port-number.ts'
import { formatPort, type PortNames, type Warn } from '../port-text.ts'
import { beginProperty, takeProperty } from '../property.ts'
import type { Version } from '../protocol.ts'
import type { MessageCodec } from './codec.ts'
import { decodeIntelStats, encodeIntelStats, formatIntelStats, isIntelStats } from './port-stats-intel.ts'
import { countedBody, formOf, statsForm, takeEntry, takeList } from './stats.ts'

const requestForms = [statsForm('PORT', 'request', 4, 1)]
const replyForms = [statsForm('PORT', 'reply', 4, 1)]

export const portRequest: MessageCodec<'port_request'> = {
  type: 'port_request',
  forms: requestForms,
  choose: (_, speech) => formOf(requestForms, speech),
  encode({ port }, out, { version }) {
    writePort(port, out, version)
    out.align(8, out.at - (version === 1 ? 2 : 4))
  },
  decode(bytes, { version, warn }) {
    const port = readPort(bytes, version, warn)
    return port === undefined ? refused('OFPBAC_BAD_OUT_PORT') : decoded({ type: 'port_request', port })
  },
  print: ({ port }, { ports }) => ` port_no=${formatPort(port, ports)}`,
}

/** Counters in the order of the wire; 1.4 moved the last four into a property. */
const common = [
  'rxPackets',
  'txPackets',
  'rxBytes',
  'txBytes',
  'rxDropped',
  'txDropped',
  'rxErrors',
  'txErrors',
] as const
const ethernet = ['rxFrameErrors', 'rxOverErrors', 'rxCrcErrors', 'collisions'] as const
type Counter = (typeof common)[number] | (typeof ethernet)[number]
type Counters = Record<Counter, Count | undefined>

const noCounters: Counters = {
  rxPackets: undefined,
  txPackets: undefined,
  rxBytes: undefined,
  txBytes: undefined,
  rxDropped: undefined,
  txDropped: undefined,
  rxErrors: undefined,
  txErrors: undefined,
  rxFrameErrors: undefined,
  rxOverErrors: undefined,
  rxCrcErrors: undefined,
  collisions: undefined,
}

const readCounters = (bytes: Reader, names: readonly Counter[], into: Counters): void => {
  for (const name of names) into[name] = readCount(bytes)
}
const writeCounters = (stats: PortStats, names: readonly Counter[], out: Writer): void => {
  for (const name of names) writeCount(stats[name], out)
}

const fixedSize = (version: Version): number => (version < 4 ? 104 : 112)

const decodeFixed = (bytes: Reader, version: Version, warn: Warn): Decoded<PortStats> => {
  if (bytes.left < fixedSize(version)) return refused('OFPBRC_BAD_LEN')
  const port = readPort(bytes, version, warn)
  bytes.skip(version === 1 ? 6 : 4)
  const counters: Counters = { ...noCounters }
  readCounters(bytes, common, counters)
  readCounters(bytes, ethernet, counters)
  const duration = version < 4 ? undefined : readDuration(bytes)
  if (port === undefined) return refused('OFPBAC_BAD_OUT_PORT')
  return decoded({ port, ...counters, duration, custom: [] })
}

const encodeFixed = (stats: PortStats, out: Writer, version: Version): void => {
  writePort(stats.port, out, version)
  out.zeros(version === 1 ? 6 : 4)
  writeCounters(stats, common, out)
  writeCounters(stats, ethernet, out)
  if (version >= 4) writeDuration(stats.duration, out)
}

/** ofp14_port_stats without its properties. */
const size14 = 80
const ethernetProperty = 0
const ethernetSize = 36

const decode14 = (bytes: Reader, warn: Warn): Decoded<PortStats> => {
  const entry = takeEntry(bytes, size14)
  if (entry === undefined) return refused('OFPBRC_BAD_LEN')
  entry.skip(2)
  const port = fromPort11(entry.u32(), warn)
  if (port === undefined) return refused('OFPBAC_BAD_OUT_PORT')
  const duration = readDuration(entry)
  const counters: Counters = { ...noCounters }
  readCounters(entry, common, counters)
  const stats: PortStats = { port, ...counters, duration, custom: [] }
  while (entry.left > 0) {
    const property = takeProperty(entry)
    if (!property.ok) return property
    const { type, bytes: body } = property.value
    if (type === ethernetProperty) {
      if (body.left !== ethernetSize) return refused('OFPBPC_BAD_LEN')
      body.skip(4)
      readCounters(body, ethernet, stats)
    } else if (isIntelStats(property.value)) {
      const error = decodeIntelStats(property.value, stats)
      if (error !== undefined) return refused(error)
    }
  }
  return decoded(stats)
}

const encode14 = (stats: PortStats, out: Writer): void => {
  const start = out.at
  out.u32(0)
  out.u32(toPort11(stats.port))
  writeDuration(stats.duration, out)
  writeCounters(stats, common, out)
  const end = beginProperty(out, ethernetProperty)
  out.zeros(4)
  writeCounters(stats, ethernet, out)
  end()
  encodeIntelStats(stats, out)
  out.put16(start, out.at - start)
}

/** A port's lines of `dump-ports`. */
export const formatPortStats = (stats: PortStats, ports?: PortNames): string => {
  const count = (name: Counter): string => formatCount(stats[name])
  const rx = [
    `rx pkts=${count('rxPackets')}`,
    `bytes=${count('rxBytes')}`,
    `drop=${count('rxDropped')}`,
    `errs=${count('rxErrors')}`,
    `frame=${count('rxFrameErrors')}`,
    `over=${count('rxOverErrors')}`,
    `crc=${count('rxCrcErrors')}`,
  ]
  const tx = [
    `tx pkts=${count('txPackets')}`,
    `bytes=${count('txBytes')}`,
    `drop=${count('txDropped')}`,
    `errs=${count('txErrors')}`,
    `coll=${count('collisions')}`,
  ]
  const name = formatPort(stats.port, ports)
  const duration = stats.duration === undefined ? '' : `           duration=${formatDuration(stats.duration)}s\n`
  return (
    `  port ${stats.port < 10 ? ` ${name}` : name}: ${rx.join(', ')}\n` +
    `           ${tx.join(', ')}\n${duration}${formatIntelStats(stats)}`
  )
}

export const portReply: MessageCodec<'port_reply'> = {
  type: 'port_reply',
  forms: replyForms,
  choose: (_, speech) => formOf(replyForms, speech),
  encode({ ports }, out, { version }) {
    for (const stats of ports) {
      if (version < 5) encodeFixed(stats, out, version)
      else encode14(stats, out)
    }
  },
  decode(bytes, { version, warn }) {
    const take = (reader: Reader): Decoded<PortStats> =>
      version < 5 ? decodeFixed(reader, version, warn) : decode14(reader, warn)
    const read = takeList(bytes, take)
    return countedBody({ type: 'port_reply', ports: read.items }, read)
  },
  print: (body, { ports }) =>
    ` ${body.ports.length} ports\n${body.ports.map(stats => formatPortStats(stats, ports)).join('')}`,
}
