import { OfPort } from '../action.ts'
import type { Reader, Writer } from '../bytes.ts'
import { formatCount, formatDuration, readCount, readDuration, writeCount, writeDuration } from '../counter.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import type { QueueStats } from '../message.ts'
import { readPort, writePort } from '../port-number.ts'
import { formatPort, type PortNames, type Warn } from '../port-text.ts'
import type { Version } from '../protocol.ts'
import type { MessageCodec } from './codec.ts'
import { countedBody, formOf, statsForm, takeEntry, takeList } from './stats.ts'

/** OFPQ_ALL. */
export const allQueues = 0xffffffff

const requestForms = [statsForm('QUEUE', 'request', 5, 1)]
const replyForms = [statsForm('QUEUE', 'reply', 5, 1)]

/** 1.0's reserved port for all ports; OFPP_ANY since. */
const anyPort10 = OfPort.all

export const formatQueue = (queue: number): string => (queue === allQueues ? 'ALL' : String(queue))

export const queueRequest: MessageCodec<'queue_request'> = {
  type: 'queue_request',
  forms: requestForms,
  choose: (_, speech) => formOf(requestForms, speech),
  encode({ port, queue }, out, { version }) {
    writePort(version === 1 && port === OfPort.none ? anyPort10 : port, out, version)
    if (version === 1) out.zeros(2)
    out.u32(queue)
  },
  decode(bytes, { version, warn }) {
    const number = readPort(bytes, version, warn)
    if (version === 1) bytes.skip(2)
    if (number === undefined) return refused('OFPBAC_BAD_OUT_PORT')
    const port = version === 1 && number === anyPort10 ? OfPort.none : number
    return decoded({ type: 'queue_request', port, queue: bytes.u32() })
  },
  print: ({ port, queue }, { ports }) => ` port=${formatPort(port, ports)} queue=${formatQueue(queue)}`,
}

const fixedSize = (version: Version): number => (version < 4 ? 32 : 40)

const takeFixed = (bytes: Reader, version: Version, warn: Warn): Decoded<QueueStats> => {
  if (bytes.left < fixedSize(version)) return refused('OFPBRC_BAD_LEN')
  const port = readPort(bytes, version, warn)
  if (version === 1) bytes.skip(2)
  const queue = bytes.u32()
  const [size, packets, errors] = [readCount(bytes), readCount(bytes), readCount(bytes)]
  const duration = version < 4 ? undefined : readDuration(bytes)
  if (port === undefined) return refused('OFPBAC_BAD_OUT_PORT')
  return decoded({ port, queue, bytes: size, packets, errors, duration })
}

const putFixed = (stats: QueueStats, out: Writer, version: Version): void => {
  writePort(stats.port, out, version)
  if (version === 1) out.zeros(2)
  out.u32(stats.queue)
  writeCount(stats.bytes, out)
  writeCount(stats.packets, out)
  writeCount(stats.errors, out)
  if (version >= 4) writeDuration(stats.duration, out)
}

/** ofp14_queue_stats without its properties, of which Open vSwitch has none. */
const size14 = 48

const take14 = (bytes: Reader, version: Version, warn: Warn): Decoded<QueueStats> => {
  const entry = takeEntry(bytes, size14)
  if (entry === undefined) return refused('OFPBRC_BAD_LEN')
  entry.skip(6)
  return takeFixed(entry, version, warn)
}

const formatQueueStats = (stats: QueueStats, ports: PortNames | undefined): string =>
  `  port ${formatPort(stats.port, ports)} queue ${formatQueue(stats.queue)}: bytes=${formatCount(stats.bytes)}, ` +
  `pkts=${formatCount(stats.packets)}, errors=${formatCount(stats.errors)}, ` +
  `duration=${stats.duration === undefined ? '?' : `${formatDuration(stats.duration)}s`}\n`

export const queueReply: MessageCodec<'queue_reply'> = {
  type: 'queue_reply',
  forms: replyForms,
  choose: (_, speech) => formOf(replyForms, speech),
  encode({ queues }, out, { version }) {
    for (const stats of queues) {
      if (version >= 5) {
        out.u16(size14)
        out.zeros(6)
      }
      putFixed(stats, out, version)
    }
  },
  decode(bytes, { version, warn }) {
    const take = version < 5 ? takeFixed : take14
    const read = takeList(bytes, reader => take(reader, version, warn))
    return countedBody({ type: 'queue_reply', queues: read.items }, read)
  },
  print: ({ queues }, { ports }) =>
    ` ${queues.length} queues\n${queues.map(stats => formatQueueStats(stats, ports)).join('')}`,
}
