import { u16 } from '../header.ts'
import { IpProtocol } from '../ip-protocol.ts'
import { extensionSize, Ipv6FragmentHeader, Ipv6Header, mostExtensions } from '../ipv6.ts'
import { endpoints } from './endpoints.ts'
import { hex, type Line } from './line.ts'
import { protocolNames } from './names.ts'

/** IPv6, named unless the link layer is shown, which has named it. */
export const showIpv6 = (line: Line, at: number, size: number): void => {
  const { bytes } = line
  if (!line.needs(at, 40, 'ip6')) return
  if (!line.link) line.put('IP6 ')
  const field = Ipv6Header.at
  const version = field.version(bytes, at)
  if (version !== 6) {
    line.put(`version error: ${version} != 6`)
    return
  }
  const length = field.payloadLength(bytes, at)
  if (size < 40 + length) line.put(`truncated-ip6 - ${40 + length - size} bytes missing!`)
  line.end = Math.min(line.end, at + 40 + length)
  line.ip = at
  line.fragmented = false
  line.incomplete = false
  if (line.verbose) line.put(header(line, at, length))
  showChain(line, at + 40, length, field.nextHeader(bytes, at))
}

const header = ({ bytes }: Line, at: number, length: number): string => {
  const field = Ipv6Header.at
  const next = field.nextHeader(bytes, at)
  const trafficClass = field.trafficClass(bytes, at)
  const flowLabel = field.flowLabel(bytes, at)
  const parts = [
    ...(trafficClass !== 0 ? [`class 0x${hex(trafficClass, 2)}`] : []),
    ...(flowLabel !== 0 ? [`flowlabel 0x${hex(flowLabel, 5)}`] : []),
    `hlim ${field.hopLimit(bytes, at)}`,
    `next-header ${protocolNames.get(next) ?? 'unknown'} (${next}) payload length: ${length}`,
  ]
  return `(${parts.join(', ')}) `
}

const extensionNames: ReadonlyMap<number, string> = new Map([
  [IpProtocol.hopByHop, 'HBH '],
  [IpProtocol.destination, 'DSTOPT '],
])

const cutNames: ReadonlyMap<number, string> = new Map([
  [IpProtocol.hopByHop, 'hbhopt'],
  [IpProtocol.destination, 'dstopt'],
  [IpProtocol.routing, 'rt6'],
  [IpProtocol.fragment, 'frag'],
])

/** The extension headers, then what they lead to. Once one has been shown the addresses have been too. */
const showChain = (line: Line, start: number, length: number, first: number): void => {
  const { bytes } = line
  let at = start
  let left = length
  let next = first
  for (let count = 0; count < mostExtensions; count++) {
    const name = extensionNames.get(next)
    if (name === undefined && next !== IpProtocol.fragment && next !== IpProtocol.routing) break
    if (!line.fragmented) line.put(`${endpoints(line)}: `)
    line.fragmented = true
    if (!line.needs(at, 8, cutNames.get(next) ?? 'ip6')) return
    if (name !== undefined) line.put(name)
    const size = extensionSize(bytes, at, next)
    if (name !== undefined && line.verbose) line.put(options(line, at + 2, Math.min(at + size, line.end)))
    if (next === IpProtocol.routing) line.put(routing(line, at))
    if (next === IpProtocol.fragment) {
      const field = Ipv6FragmentHeader.at
      const offset = field.offset(bytes, at) * 8
      const id = line.verbose ? `0x${hex(field.id(bytes, at), 8)}:` : ''
      line.put(`frag (${id}${offset}|${left - 8})`)
      if (offset !== 0) return
      line.put(' ')
      line.incomplete = field.more(bytes, at)
    }
    next = bytes[at]!
    at += size
    left -= size
  }
  if (left < 0) return
  const print = line.tables.protocols.get(next)
  const transport = next === IpProtocol.udp || next === IpProtocol.tcp || next === IpProtocol.sctp
  if (!transport && !line.fragmented) line.put(`${endpoints(line)}: `)
  if (next === IpProtocol.noNext) line.put('no next header')
  else if (print === undefined) line.put(` ip-proto-${next} ${left}`)
  else line.into(print, at, left)
}

const routing = ({ bytes }: Line, at: number): string =>
  `RT6 (len=${bytes[at + 1]}, type=${bytes[at + 2]}, segleft=${bytes[at + 3]}) `

const options = ({ bytes }: Line, start: number, end: number): string => {
  let text = ''
  for (let at = start; at < end; ) {
    const kind = bytes[at]!
    if (kind === 0) {
      text += '(pad1)'
      at++
      continue
    }
    if (at + 2 > end) return `${text}(trunc) `
    const size = bytes[at + 1]!
    if (kind === 1) text += '(padn)'
    else if (kind === 5 && size === 2 && at + 4 <= end) text += `(rtalert: 0x${hex(u16.get(bytes, at + 2), 4)}) `
    else text += `(opt_type 0x${hex(kind, 2)}: len=${size}) `
    at += 2 + size
  }
  return text.endsWith(' ') ? text : `${text} `
}
