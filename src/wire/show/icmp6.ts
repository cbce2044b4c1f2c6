import { formatIp6 } from '../address.ts'
import { u16, u32, u128 } from '../header.ts'
import { hexdump } from '../hexdump.ts'
import { Icmp6Header, Icmp6Type, isIcmp6ChecksumRight, setIcmp6Checksum } from '../icmp6.ts'
import { IpProtocol } from '../ip-protocol.ts'
import { copyOf, hex, type Line } from './line.ts'
import { showMld } from './mld.ts'
import { showNd } from './nd.ts'

/** ICMPv6. With `-v` tcpdump leaves the length out, but for neighbour discovery, which says it earlier. */
export const showIcmp6 = (line: Line, at: number, size: number): void => {
  const { bytes } = line
  if (!line.needs(at, 1, 'icmp6')) return
  if (line.verbose && !line.incomplete && at + size <= line.end) line.put(checksumOf(line, at, size))
  const type = bytes[at]!
  if (type >= Icmp6Type.routerSolicitation && type <= Icmp6Type.redirect) {
    showNd(line, at, size)
    return
  }
  line.put('ICMP6, ')
  if (at + 8 > line.end) {
    line.put(`${type === Icmp6Type.mldReport2 ? 'multicast listener report v2' : (cutNames.get(type) ?? '')} [|icmp6]`)
    return
  }
  if ((type >= Icmp6Type.mldQuery && type <= Icmp6Type.mldDone) || type === Icmp6Type.mldReport2) {
    if (!showMld(line, at, size)) return
  } else {
    const text = what(line, at)
    if (text === undefined) {
      line.put(`${names.get(type) ?? `unknown icmp6 type (${type})`}, length ${size}`)
      line.put(hexdump(bytes, at, Math.min(at + size, line.end)))
      return
    }
    line.put(text)
    if (type === Icmp6Type.unreachable && bytes[at + 1]! > 4) {
      line.put(hexdump(bytes, at, Math.min(at + size, line.end)))
      return
    }
  }
  if (!line.verbose) line.put(`, length ${size}`)
}

/** What is shown of a message that was cut in its first bytes. */
const cutNames: ReadonlyMap<number, string> = new Map([
  [Icmp6Type.echo, 'echo request'],
  [Icmp6Type.echoReply, 'echo reply'],
  [Icmp6Type.mldQuery, 'multicast listener query'],
  [Icmp6Type.mldReport, 'multicast listener report'],
  [Icmp6Type.mldDone, 'multicast listener done'],
])

const names: ReadonlyMap<number, string> = new Map([
  [139, 'node information query'],
  [140, 'node information reply'],
])

const checksumOf = ({ bytes, ip }: Line, at: number, size: number): string => {
  const end = at + size
  if (isIcmp6ChecksumRight(bytes, ip, at, end)) return '[icmp6 sum ok] '
  const copy = copyOf(bytes, 0, end)
  setIcmp6Checksum(copy, ip, at, end)
  return `[bad icmp6 cksum 0x${hex(u16.get(bytes, at + 2), 4)} -> 0x${hex(u16.get(copy, at + 2), 4)}!] `
}

const what = (line: Line, at: number): string | undefined => {
  const { bytes } = line
  const [type, code] = [bytes[at]!, bytes[at + 1]!]
  switch (type) {
    case Icmp6Type.echo:
    case Icmp6Type.echoReply: {
      const name = type === Icmp6Type.echo ? 'request' : 'reply'
      return `echo ${name}, id ${Icmp6Header.at.id(bytes, at)}, seq ${Icmp6Header.at.seq(bytes, at)}`
    }
    case Icmp6Type.unreachable:
      return `destination unreachable${unreachable(line, at, code)}`
    case Icmp6Type.packetTooBig:
      return `packet too big, mtu ${u32.get(bytes, at + 4)}`
    case Icmp6Type.timeExceeded:
      if (code === 0) return `time exceeded in-transit${quoted(line, at, ' for ')}`
      return code === 1 ? 'time exceeded in-transit (reassembly)' : `time exceeded in-transit, unknown code (${code})`
    case Icmp6Type.parameterProblem: {
      const problems = ['erroneous', 'next header', 'option', 'incomplete header chain']
      const pointer = u32.get(bytes, at + 4)
      return `parameter problem, ${problems[code] === undefined ? `code-#${code}` : `${problems[code]} - octet ${pointer}`}`
    }
    default:
      return undefined
  }
}

/** The destination of the packet that the error quotes. */
const quoted = ({ bytes, end }: Line, at: number, before: string): string =>
  at + 48 <= end ? `${before}${formatIp6(u128.get(bytes, at + 32))}` : '[|icmp6]'

const reasons: ReadonlyMap<number, string> = new Map([
  [0, ', unreachable route '],
  [1, ',  unreachable prohibited '],
  [2, ', beyond scope '],
  [3, ', unreachable address '],
])

const unreachable = (line: Line, at: number, code: number): string => {
  const { bytes, end } = line
  const reason = reasons.get(code)
  // A quoted header that was cut has no source to show either.
  if (code === 2 && at + 48 <= end)
    return `${quoted(line, at, reason!)}, source address ${formatIp6(u128.get(bytes, at + 16))}`
  if (reason !== undefined) return quoted(line, at, reason)
  if (code !== 4) return `, unknown unreach code (${code})`
  const name = ', unreachable port, '
  const next = bytes[at + 14]!
  if (at + 52 > end || (next !== IpProtocol.tcp && next !== IpProtocol.udp)) return quoted(line, at, name)
  const protocol = next === IpProtocol.tcp ? 'tcp' : 'udp'
  return `${quoted(line, at, name)} ${protocol} port ${u16.get(bytes, at + 50)}`
}
