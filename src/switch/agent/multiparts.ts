import type { OfErrorName } from '../../openflow/error.ts'
import type { OfBody, OfMessage, TableFeatures } from '../../openflow/message.ts'
import { type Cancel, type Clock, second } from '../../runtime/index.ts'

/** The rest of a request must come within this time. */
const patience = second
/** Parts and bytes that may wait of one peer. */
const mostWaiting = 4 * 1024 * 1024

type Gathering = { parts: OfBody[]; first: Uint8Array; size: number; cancel: Cancel }

const lists: Partial<Record<OfBody['type'], string>> = {
  table_features_request: 'tables',
  flow_monitor_request: 'requests',
}

/**
 * Puts requests together that come in several messages (OFPMPF_REQ_MORE, 1.1 and later). Only a request that is a list
 * can really be longer than a message; of the others the last part counts.
 */
export class Multiparts {
  private readonly waiting = new Map<number, Gathering>()
  private readonly clock: Clock
  private readonly refuse: (request: Uint8Array, error: OfErrorName) => void
  private size = 0

  constructor(clock: Clock, refuse: (request: Uint8Array, error: OfErrorName) => void) {
    this.clock = clock
    this.refuse = refuse
  }

  /** The whole request when this was its last part; undefined while more is to come. */
  gather(message: OfMessage, bytes: Uint8Array): OfMessage | undefined {
    const { xid, body, version } = message
    // In 1.0 there is no such thing, and the flag is not looked at.
    if (version === 1) return message
    const more = (bytes[11]! & 1) !== 0
    const before = this.waiting.get(xid)
    if (before === undefined && !more) return message
    if (before !== undefined && before.parts[0]!.type !== body.type) {
      this.forget(xid)
      this.refuse(bytes, 'OFPBRC_BAD_STAT')
      return undefined
    }
    if (this.size + bytes.length > mostWaiting) {
      this.forget(xid)
      this.refuse(bytes, 'OFPBRC_MULTIPART_BUFFER_OVERFLOW')
      return undefined
    }
    const gathering = before ?? this.begin(xid, bytes)
    gathering.parts.push(body)
    gathering.size += bytes.length
    this.size += bytes.length
    if (more) return undefined
    this.forget(xid)
    return { ...message, body: joined(gathering.parts) }
  }

  close(): void {
    for (const xid of [...this.waiting.keys()]) this.forget(xid)
  }

  private begin(xid: number, bytes: Uint8Array): Gathering {
    const cancel = this.clock.at(this.clock.now() + patience, () => {
      this.forget(xid)
      this.refuse(first, 'OFPBRC_MULTIPART_REQUEST_TIMEOUT')
    })
    const first = bytes.slice()
    const gathering: Gathering = { parts: [], first, size: 0, cancel }
    this.waiting.set(xid, gathering)
    return gathering
  }

  private forget(xid: number): void {
    const gathering = this.waiting.get(xid)
    if (gathering === undefined) return
    gathering.cancel()
    this.size -= gathering.size
    this.waiting.delete(xid)
  }
}

const joined = (parts: readonly OfBody[]): OfBody => {
  const last = parts.at(-1) as OfBody
  const list = lists[last.type]
  if (list === undefined) return last
  const entries = parts.flatMap(part => (part as unknown as Record<string, TableFeatures[]>)[list] ?? [])
  return { ...last, [list]: entries } as OfBody
}
