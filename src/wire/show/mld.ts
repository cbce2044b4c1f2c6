import { formatIp6 } from '../address.ts'
import { decodeTime8, decodeTime16 } from '../group-code.ts'
import { u16, u128 } from '../header.ts'
import { Icmp6Type } from '../icmp6.ts'
import { recordNames } from './igmp.ts'
import type { Line } from './line.ts'

/** Multicast listener discovery; false if the bytes were too few. */
export const showMld = (line: Line, at: number, size: number): boolean => {
  const { bytes } = line
  const type = bytes[at]!
  if (type === Icmp6Type.mldReport2) return showReport2(line, at, size)
  if (type === Icmp6Type.mldQuery && size >= 28) return showQuery2(line, at, size)
  const name = type === Icmp6Type.mldQuery ? 'query' : type === Icmp6Type.mldReport ? 'report' : 'done'
  line.put(`multicast listener ${name}`)
  if (!line.needs(at, 24, 'icmp6')) return false
  // The missing gap is tcpdump's.
  line.put(`max resp delay: ${u16.get(bytes, at + 4)} addr: ${formatIp6(u128.get(bytes, at + 8))}`)
  return true
}

const showQuery2 = (line: Line, at: number, size: number): boolean => {
  const { bytes, verbose } = line
  line.put('multicast listener query v2')
  if (!line.needs(at, 28, 'icmp6')) return false
  if (verbose) line.put(` [max resp delay=${decodeTime16(u16.get(bytes, at + 4))}]`)
  line.put(` [gaddr ${formatIp6(u128.get(bytes, at + 8))}`)
  if (verbose) {
    const flags = bytes[at + 24]!
    if ((flags & 8) !== 0) line.put(' sflag')
    if ((flags & 7) !== 0) line.put(` robustness=${flags & 7}`)
    line.put(` qqi=${decodeTime8(bytes[at + 25]!)}`)
  }
  const count = u16.get(bytes, at + 26)
  if (count > 0) {
    if (size < 28 + count * 16) line.put(` [invalid number of sources ${count}]`)
    else line.put(`, ${count} source(s)`)
  }
  line.put(']')
  return true
}

const showReport2 = (line: Line, at: number, size: number): boolean => {
  const { bytes } = line
  const count = u16.get(bytes, at + 6)
  line.put(`multicast listener report v2, ${count} group record(s)`)
  if (!line.verbose) return true
  let record = at + 8
  for (let i = 0; i < count; i++) {
    if (record + 20 > at + size) {
      line.put(` [invalid number of groups ${count}]`)
      return true
    }
    if (!line.needs(record, 20, 'icmp6')) return false
    const type = bytes[record]!
    const sources = u16.get(bytes, record + 2)
    line.put(` [gaddr ${formatIp6(u128.get(bytes, record + 4))} ${recordNames[type - 1] ?? ` [v2-report-#${type}]`}`)
    line.put(`, ${sources} source(s)]`)
    record += 20 + sources * 16
  }
  return true
}
