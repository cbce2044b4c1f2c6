/**
 * TCP. Sequence numbers are shown relative to the connection's first, as soon as they are known: a SYN with an ACK tells both
 * sides', a connection seen from the middle begins at its first segment, which is shown as it is.
 */

import { u16, u32 } from '../header.ts'
import { isTcpChecksumRight, setTcpChecksum, TcpFlag, TcpHeader } from '../tcp.ts'
import { endpoints } from './endpoints.ts'
import { showHttp } from './http.ts'
import { copyOf, hex, type Line, printable } from './line.ts'

const letters: readonly (readonly [number, string])[] = [
  [TcpFlag.fin, 'F'],
  [TcpFlag.syn, 'S'],
  [TcpFlag.rst, 'R'],
  [TcpFlag.psh, 'P'],
  [TcpFlag.ack, '.'],
  [TcpFlag.urg, 'U'],
  [TcpFlag.ece, 'E'],
  [TcpFlag.cwr, 'W'],
]

const webPorts = [80, 3128, 8080]

export const showTcp = (line: Line, at: number, size: number): void => {
  const { bytes } = line
  if (at + 4 > line.end) {
    line.put(`${endpoints(line)}: [|tcp]`)
    return
  }
  const field = TcpHeader.at
  const [src, dst] = [field.src(bytes, at), field.dst(bytes, at)]
  line.put(`${endpoints(line, src, dst)}: `)
  if (!line.needs(at, 20, 'tcp')) return
  const headerSize = field.headerWords(bytes, at) * 4
  if (headerSize < 20) {
    line.put(` tcp ${size - headerSize} [bad hdr length ${headerSize} - too short, < 20]`)
    return
  }
  const flags = field.flags(bytes, at)
  line.put(`Flags [${flagLetters(flags)}]`)
  if (headerSize > size) {
    line.put(` [bad hdr length ${headerSize} - too long, > ${size}]`)
    return
  }
  const length = size - headerSize
  if (line.verbose && !line.incomplete && at + size <= line.end) line.put(checksumOf(line, at, size))
  const base = basesOf(line, at, src, dst, flags)
  const relative = (value: number, from: number): number => (value - from) >>> 0
  const seq = relative(field.seq(bytes, at), base.seq)
  if (length > 0 || (flags & (TcpFlag.syn | TcpFlag.fin | TcpFlag.rst)) !== 0) {
    line.put(`, seq ${seq}${length > 0 ? `:${(seq + length) >>> 0}` : ''}`)
  }
  if ((flags & TcpFlag.ack) !== 0) line.put(`, ack ${relative(field.ack(bytes, at), base.ack)}`)
  line.put(`, win ${field.window(bytes, at)}`)
  if ((flags & TcpFlag.urg) !== 0) line.put(`, urg ${field.urgent(bytes, at)}`)
  if (headerSize > 20) {
    if (!showOptions(line, at + 20, at + headerSize, base.ack)) return
  }
  line.put(`, length ${length}`)
  if (length === 0) return
  const from = at + headerSize
  const to = Math.min(line.end, from + length)
  if ((flags & TcpFlag.rst) !== 0) {
    if (line.verbose) line.put(` [RST ${printable(bytes, from, Math.min(to, from + 20))}]`)
  } else if (webPorts.includes(src) || webPorts.includes(dst)) showHttp(line, from, length)
}

const flagLetters = (flags: number): string =>
  flags === 0
    ? 'none'
    : letters
        .filter(([flag]) => (flags & flag) !== 0)
        .map(([, letter]) => letter)
        .join('')

const checksumOf = (line: Line, at: number, size: number): string => {
  const found = TcpHeader.at.checksum(line.bytes, at)
  if (isTcpChecksumRight(line.bytes, line.ip, at, at + size)) return `, cksum 0x${hex(found, 4)} (correct)`
  const copy = copyOf(line.bytes, 0, at + size)
  setTcpChecksum(copy, line.ip, at, at + size)
  return `, cksum 0x${hex(found, 4)} (incorrect -> 0x${hex(TcpHeader.at.checksum(copy, at), 4)})`
}

/** What to show this segment's two numbers relative to: zeros if it is the first of its connection. */
const basesOf = (line: Line, at: number, src: number, dst: number, flags: number): { seq: number; ack: number } => {
  const none = { seq: 0, ack: 0 }
  const { connections } = line
  if (connections === undefined) return none
  const [from, to] = endpoints(line, src, dst).split(' > ') as [string, string]
  const nearFirst = from < to
  const key = nearFirst ? `${from} ${to}` : `${to} ${from}`
  const seq = TcpHeader.at.seq(line.bytes, at)
  const ack = TcpHeader.at.ack(line.bytes, at)
  const known = connections.get(key)
  if (known === undefined || (flags & TcpFlag.syn) !== 0) {
    if ((flags & TcpFlag.ack) !== 0) {
      const [mine, other] = [seq, (ack - 1) >>> 0]
      connections.set(key, nearFirst ? { near: mine, far: other } : { near: other, far: mine })
    }
    return none
  }
  return nearFirst ? { seq: known.near, ack: known.far } : { seq: known.far, ack: known.near }
}

/** False if the options end badly, or the bytes before them: the line ends there. */
const showOptions = (line: Line, start: number, end: number, ackBase: number): boolean => {
  const { bytes } = line
  const stop = Math.min(end, line.end)
  const shown: string[] = []
  const finish = (tail: string): void => line.put(`, options [${shown.join(',')}${tail}`)
  for (let at = start; at < end; ) {
    if (at >= stop) {
      finish(`${shown.length > 0 ? ',' : ''} [|tcp]`)
      return false
    }
    const kind = bytes[at]!
    if (kind === 0) {
      shown.push('eol')
      break
    }
    if (kind === 1) {
      shown.push('nop')
      at++
      continue
    }
    const size = at + 1 < stop ? bytes[at + 1]! : 0
    if (at + 1 < stop && (size < 2 || at + size > end)) {
      shown.push('[bad opt]')
      finish(size < 2 ? ']' : '')
      return false
    }
    if (at + Math.max(2, size) > stop) {
      const name = at + 1 < stop ? names.get(kind) : undefined
      finish(`${shown.length > 0 ? ',' : ''}${name === undefined ? ' [|tcp]' : `${name} [|tcp]>`}`)
      return false
    }
    shown.push(optionText(bytes, at, size, ackBase, kind))
    at += size
  }
  finish(']')
  return true
}

/** What is shown of an option that was cut. */
const names: ReadonlyMap<number, string> = new Map([
  [2, 'mss'],
  [3, 'wscale'],
  [5, 'sack'],
  [8, 'TS'],
])

const optionText = (bytes: Uint8Array, at: number, size: number, ackBase: number, kind: number): string => {
  const digits = (from: number): string => [...bytes.subarray(from, at + size)].map(byte => hex(byte, 2)).join('')
  if (kind === 2 && size === 4) return `mss ${u16.get(bytes, at + 2)}`
  if (kind === 3 && size === 3) return `wscale ${bytes[at + 2]!}`
  if (kind === 4 && size === 2) return 'sackOK'
  if (kind === 8 && size === 10) return `TS val ${u32.get(bytes, at + 2)} ecr ${u32.get(bytes, at + 6)}`
  if (kind === 5 && size >= 10 && size % 8 === 2) {
    let blocks = ''
    for (let i = at + 2; i < at + size; i += 8) {
      blocks += `{${(u32.get(bytes, i) - ackBase) >>> 0}:${(u32.get(bytes, i + 4) - ackBase) >>> 0}}`
    }
    return `sack ${(size - 2) / 8} ${blocks}`
  }
  if (kind === 19 && size === 18) return `md5 shared secret not supplied with -M, can't check - ${digits(at + 2)}`
  if (kind === 5) return 'sack invalid sack'
  if (kind === 34) return size === 2 ? 'tfo  cookiereq' : `tfo  cookie ${digits(at + 2)}`
  return `unknown-${kind}${size > 2 ? ` 0x${digits(at + 2)}` : ''}`
}
