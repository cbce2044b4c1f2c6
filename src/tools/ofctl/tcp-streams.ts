/** The data of TCP streams out of captured frames, as far as it comes in order: enough to read a controller's talk. */
import { extract } from '../../flow/extract.ts'
import { fragment, newKey, word } from '../../flow/layout.ts'
import { formatIp4 } from '../../wire/address.ts'
import { Frame } from '../../wire/frame.ts'

/** One direction of a connection, and what came on it that was not taken yet. */
export type TcpStream = { name: string; ports: readonly [source: number, destination: number]; data: Uint8Array }
type State = TcpStream & { next: number }

const flag = { fin: 1, syn: 2, rst: 4 } as const

/** What a segment says. */
type Segment = { name: string; ports: TcpStream['ports']; flags: number; sequence: number; payload: Uint8Array }

export class TcpStreams {
  private readonly streams = new Map<string, State>()

  /** The stream that a frame adds data to; undefined if it adds none. Segments out of order are lost. */
  add(frame: Uint8Array): TcpStream | undefined {
    const segment = segmentOf(frame)
    if (segment === undefined) return undefined
    const { name, ports, flags, sequence, payload } = segment
    if ((flags & (flag.fin | flag.rst)) !== 0) {
      this.streams.delete(name)
      return undefined
    }
    if ((flags & flag.syn) !== 0) {
      this.streams.set(name, { name, ports, data: new Uint8Array(0), next: (sequence + 1) >>> 0 })
      return undefined
    }
    const known = this.streams.get(name)
    const stream: State = known ?? { name, ports, data: new Uint8Array(0), next: sequence }
    if (known === undefined) this.streams.set(name, stream)
    if (payload.length === 0 || stream.next !== sequence) return undefined
    const data = new Uint8Array(stream.data.length + payload.length)
    data.set(stream.data)
    data.set(payload, stream.data.length)
    stream.data = data
    stream.next = (sequence + payload.length) >>> 0
    return stream
  }
}

const segmentOf = (frame: Uint8Array): Segment | undefined => {
  const key = newKey()
  extract(Frame.from(frame), key)
  const later = ((key[word.ip]! >>> 24) & fragment.later) !== 0
  if (key[word.ethType]! >>> 16 !== 0x0800 || (key[word.ip]! & 0xff) !== 6 || later) return undefined
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  let ip = 14
  while ((key[word.vlan]! & 0x1000) !== 0 && [0x8100, 0x88a8].includes(view.getUint16(ip - 2))) ip += 4
  const at = ip + (frame[ip]! & 15) * 4
  const end = ip + view.getUint16(ip + 2)
  if (end > frame.length || at + 20 > end) return undefined
  const start = at + (frame[at + 12]! >>> 4) * 4
  if (start < at + 20 || start > end) return undefined
  const ports = [view.getUint16(at), view.getUint16(at + 2)] as const
  const [source, destination] = [formatIp4(key[word.ipv4Src]!), formatIp4(key[word.ipv4Dst]!)]
  return {
    name: `${source}.${ports[0]} > ${destination}.${ports[1]}`,
    ports,
    flags: frame[at + 13]!,
    sequence: view.getUint32(at + 4),
    payload: frame.slice(start, end),
  }
}
