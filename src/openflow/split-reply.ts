import { Writer } from './bytes.ts'
import type { OfBody, StatsReply } from './message.ts'
import { writeMessage } from './message-wire.ts'
import type { Version } from './protocol.ts'

/** What a message can say of its own length. */
const longest = 0xffff

/** The list in a reply of statistics, by the reply's type; those that have none are never too long. */
const lists = {
  flow_reply: 'flows',
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
  ipfix_flow_reply: 'stats',
} as const

const listOf = (body: StatsReply): { key: string; items: readonly unknown[] } | undefined => {
  if (!Object.hasOwn(lists, body.type)) return undefined
  const key = lists[body.type as keyof typeof lists]
  return { key, items: (body as unknown as Record<string, readonly unknown[]>)[key] as readonly unknown[] }
}

/**
 * A reply as the bodies that carry it in a version: as many items in each as fit, all but the last with `more`. `nxm` is
 * of 1.0. An item that does not fit into a message of its own is left out: nothing can carry it.
 */
export const splitReply = (body: StatsReply, version: Version, nxm = false): StatsReply[] => {
  const list = listOf(body)
  if (list === undefined) return [body]
  const { key, items } = list
  const withItems = (some: readonly unknown[]): StatsReply => ({ ...body, [key]: some }) as StatsReply
  const out = new Writer(1 << 12)
  const sizeOf = (some: readonly unknown[]): number => {
    out.at = 0
    writeMessage(out, withItems(some) as OfBody, { version, xid: 0, nxm })
    return out.at
  }
  const head = sizeOf([])
  const parts: unknown[][] = [[]]
  let size = head
  for (const item of items) {
    const more = sizeOf([item]) - head
    if (head + more > longest) continue
    if (size + more > longest) {
      parts.push([])
      size = head
    }
    ;(parts.at(-1) as unknown[]).push(item)
    size += more
  }
  return parts.map((part, i) => (i < parts.length - 1 ? { ...withItems(part), more: true } : withItems(part)))
}
