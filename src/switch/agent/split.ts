import type { OfBody } from '../../openflow/message.ts'
import { type EncodeOptions, encodeMessage } from '../../openflow/message-wire.ts'

/** The longest message there can be. */
export const longestMessage = 0xffff
const most = longestMessage

/** The replies that are lists, and where in them the list is. */
const lists: Partial<Record<OfBody['type'], string>> = {
  table_reply: 'tables',
  port_reply: 'ports',
  port_desc_reply: 'ports',
  queue_reply: 'queues',
  queue_desc_reply: 'queues',
  group_reply: 'groups',
  group_desc_reply: 'groups',
  meter_reply: 'meters',
  meter_config_reply: 'meters',
  table_features_reply: 'tables',
  table_desc_reply: 'tables',
  flow_monitor_reply: 'updates',
}

/**
 * The messages of a reply: a list is cut where the next entry would make a message too long. Empty if the version cannot
 * say it. An entry that is too long by itself is left out.
 */
export const encodeReplies = (body: OfBody, options: EncodeOptions): Uint8Array[] => {
  const list = lists[body.type]
  const entries = list === undefined ? undefined : (body as unknown as Record<string, readonly unknown[]>)[list]
  // A list of a few entries nearly always fits; one of many is not encoded twice for the sake of a guess.
  if (list === undefined || entries === undefined || entries.length <= fewEntries) {
    const whole = encodeMessage(body, options)
    if (whole === undefined) return []
    if (whole.length <= most) return [whole]
  }
  return list === undefined || entries === undefined ? [] : encodeList(body, list, entries, options)
}

const fewEntries = 8

const encodeList = (body: OfBody, list: string, entries: readonly unknown[], options: EncodeOptions): Uint8Array[] => {
  const having = (some: readonly unknown[], more: boolean): Uint8Array | undefined =>
    encodeMessage({ ...body, [list]: some, ...(more ? { more } : {}) } as OfBody, options)
  const [empty, continued] = [having([], false), having([], true)]
  if (empty === undefined || continued === undefined) return []
  const messages: Uint8Array[] = []
  let parts: Uint8Array[] = []
  let size = empty.length
  for (const entry of entries) {
    const whole = having([entry], false)
    if (whole === undefined || whole.length > most) continue
    const part = whole.subarray(empty.length)
    if (size + part.length > most) {
      messages.push(glue(continued, parts, size))
      parts = []
      size = empty.length
    }
    parts.push(part)
    size += part.length
  }
  messages.push(glue(empty, parts, size))
  return messages
}

/** A message of this header and these entries; its length is put right. */
const glue = (header: Uint8Array, parts: readonly Uint8Array[], size: number): Uint8Array => {
  const message = new Uint8Array(size)
  message.set(header)
  let at = header.length
  for (const part of parts) {
    message.set(part, at)
    at += part.length
  }
  message[2] = size >> 8
  message[3] = size & 255
  return message
}
