/** The configuration of queues: OFPT_QUEUE_GET_CONFIG up to 1.3, OFPMP_QUEUE_DESC since 1.4. */
import { OfPort } from '../action.ts'
import type { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import type { QueueDesc } from '../message.ts'
import { fromPort11, readPort, toPort11, writePort } from '../port-number.ts'
import { formatPort, type PortNames, type Warn } from '../port-text.ts'
import { beginProperty, takeProperty } from '../property.ts'
import type { Version } from '../protocol.ts'
import type { MessageCodec, MessageForm } from './codec.ts'
import { allQueues, formatQueue } from './queue-stats.ts'
import { formOf, listBody, statsForm, takeList } from './stats.ts'

/** OFPQT_MIN_RATE, OFPQT_MAX_RATE and 1.4's properties; rates are tenths of a percent, more than 1000 is none. */
const minRate = 1
const maxRate = 2

const rate = (value: number | undefined, name: string): string =>
  value === undefined ? '' : ` ${name}:${value <= 1000 ? `${Math.floor(value / 10)}.${value % 10}%` : '(disabled)'}`

const formatQueueDesc = ({ queue, minRate, maxRate }: QueueDesc): string =>
  `queue ${queue}:${rate(minRate, 'min_rate')}${rate(maxRate, 'max_rate')}\n`

/** Queues by port and number, a heading for each port; Open vSwitch gives port 0 none. */
const formatQueues = (queues: readonly QueueDesc[], ports: PortNames | undefined): string => {
  const sorted = [...queues].sort((a, b) => a.port - b.port || a.queue - b.queue)
  let last = 0
  const parts = sorted.map(queue => {
    const heading = queue.port === last ? '' : `port=${formatPort(queue.port, ports)}\n`
    last = queue.port
    return heading + formatQueueDesc(queue)
  })
  return parts.length === 0 ? '\n' : ` ${parts.join('')}`
}

const configRequestForms: MessageForm[] = [
  { name: 'OFPT_QUEUE_GET_CONFIG_REQUEST', from: 1, to: 1, number: 20 },
  { name: 'OFPT_QUEUE_GET_CONFIG_REQUEST', from: 2, to: 4, number: 22 },
]
const configReplyForms: MessageForm[] = [
  { name: 'OFPT_QUEUE_GET_CONFIG_REPLY', from: 1, to: 1, number: 21 },
  { name: 'OFPT_QUEUE_GET_CONFIG_REPLY', from: 2, to: 4, number: 23 },
]

export const queueConfigRequest: MessageCodec<'queue_get_config_request'> = {
  type: 'queue_get_config_request',
  forms: configRequestForms,
  choose: (_, speech) => formOf(configRequestForms, speech),
  encode({ port }, out, { version }) {
    writePort(port, out, version)
    out.zeros(version === 1 ? 2 : 4)
  },
  decode(bytes, { version, warn }) {
    const port = readPort(bytes, version, warn)
    if (port === undefined) return refused('OFPBAC_BAD_OUT_PORT')
    if (!(port < OfPort.max || (port === OfPort.none && version > 1))) return refused('OFPQOFC_BAD_PORT')
    return decoded({ type: 'queue_get_config_request', port })
  },
  print: ({ port }, { ports }) => ` port=${formatPort(port, ports)}`,
}

/** A rate; all ones is none. */
const rateOf = (value: number): number | undefined => (value === 0xffff ? undefined : value)

/** Reads a property of a queue; false if it is not as long as it must be. */
const takeConfigProperty = (bytes: Reader, queue: QueueDesc, warn: Warn): boolean => {
  const start = bytes.at
  const type = bytes.u16()
  const length = bytes.u16()
  if (length < 8 || start + length > bytes.end) return false
  bytes.at = start
  const body = bytes.part(length) as Reader
  body.skip(8)
  if (type !== minRate && type !== maxRate) {
    warn('ofp_queue', `unknown queue property ${type}`, 'INFO')
    return true
  }
  if (length !== 16) return false
  queue[type === minRate ? 'minRate' : 'maxRate'] = rateOf(body.u16())
  return true
}

/** ofp10_packet_queue, ofp12_packet_queue without their properties. */
const queueSize = (version: Version): number => (version < 3 ? 8 : 16)

const takeConfig = (bytes: Reader, port: number, version: Version, warn: Warn): Decoded<QueueDesc> => {
  const bad = refused('OFPBRC_BAD_LEN')
  const start = bytes.at
  const size = queueSize(version)
  if (bytes.left < size) return bad
  const number = bytes.u32()
  if (version >= 3) bytes.skip(4)
  const length = bytes.u16()
  if (length < size || length % 8 !== 0 || start + length > bytes.end) return bad
  bytes.at = start
  const entry = bytes.part(length) as Reader
  entry.skip(size)
  const queue: QueueDesc = { port, queue: number, minRate: undefined, maxRate: undefined }
  while (entry.left > 0) if (!takeConfigProperty(entry, queue, warn)) return bad
  return decoded(queue)
}

const putConfig = (queue: QueueDesc, out: Writer, version: Version): void => {
  const start = out.at
  out.u32(queue.queue)
  if (version >= 3) out.u32(toPort11(queue.port))
  const length = out.at
  out.zeros(queueSize(version) - (length - start))
  for (const [type, value] of [
    [minRate, queue.minRate],
    [maxRate, queue.maxRate],
  ] as const) {
    if (value === undefined) continue
    out.u16(type)
    out.u16(16)
    out.zeros(4)
    out.u16(value)
    out.zeros(6)
  }
  out.put16(length, out.at - start)
}

export const queueConfigReply: MessageCodec<'queue_get_config_reply'> = {
  type: 'queue_get_config_reply',
  forms: configReplyForms,
  choose: (_, speech) => formOf(configReplyForms, speech),
  encode({ port, queues }, out, { version }) {
    writePort(port, out, version)
    out.zeros(version === 1 ? 6 : 4)
    for (const queue of queues) putConfig(queue, out, version)
  },
  decode(bytes, { version, warn }) {
    const port = readPort(bytes, version, warn)
    bytes.skip(version === 1 ? 6 : 4)
    if (port === undefined) return refused('OFPBAC_BAD_OUT_PORT')
    const read = takeList(bytes, reader => takeConfig(reader, port, version, warn))
    return listBody({ type: 'queue_get_config_reply', port, queues: read.items }, read)
  },
  print: ({ queues }, { ports }) => formatQueues(queues, ports),
}

const descRequestForms = [statsForm('QUEUE_DESC', 'request', 15, 5)]
const descReplyForms = [statsForm('QUEUE_DESC', 'reply', 15, 5)]

export const queueDescRequest: MessageCodec<'queue_desc_request'> = {
  type: 'queue_desc_request',
  forms: descRequestForms,
  choose: (_, speech) => formOf(descRequestForms, speech),
  encode({ port, queue }, out) {
    out.u32(toPort11(port))
    out.u32(queue)
  },
  decode(bytes, { warn }) {
    const port = fromPort11(bytes.u32(), warn)
    if (port === undefined) return refused('OFPBAC_BAD_OUT_PORT')
    return decoded({ type: 'queue_desc_request', port, queue: bytes.u32() })
  },
  print: ({ port, queue }, { ports }) =>
    ` port=${formatPort(port, ports)}${queue === allQueues ? '' : ` queue=${formatQueue(queue)}`}`,
}

/** ofp14_queue_desc without its properties. */
const descSize = 16

const takeDesc = (bytes: Reader, warn: Warn): Decoded<QueueDesc> => {
  const start = bytes.at
  const [portNumber, number, length] = [bytes.u32(), bytes.u32(), bytes.u16()]
  bytes.at = start
  const entry = length < descSize ? undefined : bytes.part(length)
  if (entry === undefined) return refused('OFPBRC_BAD_LEN')
  const port = fromPort11(portNumber, warn)
  if (port === undefined) return refused('OFPBAC_BAD_OUT_PORT')
  entry.skip(descSize)
  const queue: QueueDesc = { port, queue: number, minRate: undefined, maxRate: undefined }
  while (entry.left > 0) {
    const property = takeProperty(entry)
    if (!property.ok) return property
    const { type, bytes: body } = property.value
    if (type !== minRate && type !== maxRate) continue
    if (body.left < 2) return refused('OFPBPC_BAD_LEN')
    queue[type === minRate ? 'minRate' : 'maxRate'] = rateOf(body.u16())
  }
  return decoded(queue)
}

const putDesc = (queue: QueueDesc, out: Writer): void => {
  const start = out.at
  out.u32(toPort11(queue.port))
  out.u32(queue.queue)
  out.zeros(8)
  for (const [type, value] of [
    [minRate, queue.minRate],
    [maxRate, queue.maxRate],
  ] as const) {
    if (value === undefined) continue
    const end = beginProperty(out, type)
    out.u16(value)
    out.zeros(2)
    end()
  }
  out.put16(start + 8, out.at - start)
}

export const queueDescReply: MessageCodec<'queue_desc_reply'> = {
  type: 'queue_desc_reply',
  forms: descReplyForms,
  choose: (_, speech) => formOf(descReplyForms, speech),
  encode({ queues }, out) {
    for (const queue of queues) putDesc(queue, out)
  },
  decode(bytes, { warn }) {
    const read = takeList(bytes, reader => takeDesc(reader, warn))
    return listBody({ type: 'queue_desc_reply', queues: read.items }, read)
  },
  print: ({ queues }, { ports }) => formatQueues(queues, ports),
}
