import { formatIp4 } from '../address.ts'
import { checksum, sum16 } from '../checksum.ts'
import { EtherType } from '../ethernet.ts'
import { u16, u32 } from '../header.ts'
import { IcmpHeader, IcmpType } from '../icmp.ts'
import { IpProtocol } from '../ip-protocol.ts'
import { copyOf, hex, type Line } from './line.ts'

const quoting: ReadonlySet<number> = new Set([
  IcmpType.unreachable,
  IcmpType.sourceQuench,
  IcmpType.redirect,
  IcmpType.timeExceeded,
  IcmpType.parameterProblem,
])

/** How many bytes each type must have to be shown. */
const smallest: ReadonlyMap<number, number> = new Map([
  [IcmpType.unreachable, 28],
  [IcmpType.redirect, 28],
  [IcmpType.timeExceeded, 28],
  [IcmpType.timestamp, 8],
  [IcmpType.timestampReply, 20],
  [18, 12],
])

/** ICMP, with `-v` the packet that an error quotes too. */
export const showIcmp = (line: Line, at: number, size: number): void => {
  const { bytes } = line
  if (!line.needs(at, 8, 'icmp')) return
  const type = bytes[at]!
  if (!line.needs(at, smallest.get(type) ?? 8, 'icmp')) return
  if (type === IcmpType.unreachable && bytes[at + 1] === 3) {
    if (!line.needs(at + 8 + (bytes[at + 8]! & 15) * 4, 4, 'icmp')) return
  }
  line.put(`ICMP ${what(bytes, at, type, bytes[at + 1]!)}, length ${size}`)
  if (!line.verbose) return
  if (!line.incomplete && at + size <= line.end && sum16(bytes, at, at + size) !== 0xffff) {
    const whole = copyOf(bytes, at, at + size)
    u16.set(whole, 2, 0)
    line.put(` (wrong icmp cksum ${hex(u16.get(bytes, at + 2))} (->${hex(checksum(whole, 0, size))})!)`)
  }
  if (!quoting.has(type)) return
  line.put('\n\t')
  const print = line.tables.ethertypes.get(EtherType.ipv4)
  if (print !== undefined) line.into(print, at + 8, quotedSize(line, at + 8))
}

/** A quoted packet is cut short by nature; that is not worth a word. */
const quotedSize = (line: Line, at: number): number =>
  at + 4 <= line.end ? Math.max(u16.get(line.bytes, at + 2), line.end - at) : line.end - at

const what = (bytes: Uint8Array, at: number, type: number, code: number): string => {
  switch (type) {
    case IcmpType.echo:
    case IcmpType.echoReply: {
      const [id, seq] = [IcmpHeader.at.id(bytes, at), IcmpHeader.at.seq(bytes, at)]
      return `echo ${type === IcmpType.echo ? 'request' : 'reply'}, id ${id}, seq ${seq}`
    }
    case IcmpType.unreachable:
      return unreachable(bytes, at, code)
    case IcmpType.redirect:
      return redirect(bytes, at, code)
    case IcmpType.timeExceeded:
      if (code === 0) return 'time exceeded in-transit'
      return code === 1 ? 'ip reassembly time exceeded' : `time exceeded-#${code}`
    case IcmpType.parameterProblem:
      return `parameter problem - ${code === 0 ? `octet ${bytes[at + 4]}` : `code ${code}`}`
    case IcmpType.timestamp:
    case IcmpType.timestampReply:
      return timestamp(bytes, at, type)
    case 18:
      return `address mask is 0x${hex(u32.get(bytes, at + 8), 8)}`
    default:
      return names.get(type) ?? `type-#${type}`
  }
}

const names: ReadonlyMap<number, string> = new Map([
  [IcmpType.sourceQuench, 'source quench'],
  [10, 'router solicitation'],
  [15, 'information request'],
  [16, 'information reply'],
  [17, 'address mask request'],
])

/** Who is not reachable is the destination of the quoted packet: `%` stands for it. */
const unreachables: readonly string[] = [
  'net % unreachable',
  'host % unreachable',
  '',
  '',
  '',
  '% unreachable - source route failed',
  'net % unreachable - unknown',
  'host % unreachable - unknown',
  '% unreachable - source host isolated',
  'net % unreachable - admin prohibited',
  'host % unreachable - admin prohibited',
  'net % unreachable - tos prohibited',
  'host % unreachable - tos prohibited',
  'host % unreachable - admin prohibited filter',
  'host % unreachable - host precedence violation',
  'host % unreachable - precedence cutoff',
]

const unreachable = (bytes: Uint8Array, at: number, code: number): string => {
  const quoted = at + 8
  const dst = formatIp4(u32.get(bytes, quoted + 16))
  const protocol = bytes[quoted + 9]!
  if (code === 2) return `${dst} protocol ${protocol} unreachable`
  if (code === 3) {
    const port = u16.get(bytes, quoted + (bytes[quoted]! & 15) * 4 + 2)
    const name = protocol === IpProtocol.tcp ? 'tcp' : protocol === IpProtocol.udp ? 'udp' : `protocol ${protocol}`
    return `${dst} ${name} port ${port} unreachable`
  }
  if (code === 4) {
    const mtu = IcmpHeader.at.mtu(bytes, at)
    return `${dst} unreachable - need to frag${mtu === 0 ? '' : ` (mtu ${mtu})`}`
  }
  return (unreachables[code] ?? `% unreachable - #${code}`).replace('%', dst)
}

const redirect = (bytes: Uint8Array, at: number, code: number): string => {
  const gateway = formatIp4(u32.get(bytes, at + 4))
  const dst = formatIp4(u32.get(bytes, at + 24))
  const [kind, target] = [
    ['', 'net '],
    ['', 'host '],
    ['-tos', 'net '],
    ['-tos', 'host '],
  ][code] ?? [`-#${code}`, '']
  return `redirect${kind} ${dst} to ${target}${gateway}`
}

const timestamp = (bytes: Uint8Array, at: number, type: number): string => {
  const ends = `id ${IcmpHeader.at.id(bytes, at)} seq ${IcmpHeader.at.seq(bytes, at)}`
  if (type === IcmpType.timestamp) return `time stamp query ${ends}`
  const [org, recv, xmit] = [8, 12, 16].map(i => timeOfDay(u32.get(bytes, at + i)))
  return `time stamp reply ${ends}: org ${org}, recv ${recv}, xmit ${xmit}`
}

/** Milliseconds since midnight. */
const timeOfDay = (time: number): string => {
  const two = (value: number): string => String(value).padStart(2, '0')
  const seconds = Math.floor(time / 1000)
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':')
  return `${clock}.${String(time % 1000).padStart(3, '0')}`
}
