import { EtherType } from '../ethernet.ts'
import { u32 } from '../header.ts'
import type { Line } from './line.ts'

/** RFC 3032 §2.1, RFC 5586. */
const labelNames: ReadonlyMap<number, string> = new Map([
  [0, 'IPv4 explicit NULL'],
  [1, 'router alert'],
  [2, 'IPv6 explicit NULL'],
  [3, 'implicit NULL'],
])

/** A stack of labels, then what its first bits and last label say that it carries. */
export const showMpls = (line: Line, start: number, size: number): void => {
  const { bytes, verbose } = line
  line.put('MPLS')
  let at = start
  for (;;) {
    if (size < at - start + 4) {
      line.put(' (invalid)')
      return
    }
    if (!line.needs(at, 4, 'mpls')) return
    const entry = u32.get(bytes, at)
    const label = entry >>> 12
    const name = verbose && labelNames.has(label) ? ` (${labelNames.get(label)})` : ''
    const bottom = (entry & 0x100) !== 0
    line.put(verbose && at > start ? '\n\t' : ' ')
    line.put(`(label ${label}${name}, tc ${(entry >>> 9) & 7}${bottom ? ', [S]' : ''}, ttl ${entry & 255})`)
    at += 4
    if (bottom) break
  }
  if (at >= line.end) return
  const version = bytes[at]! >> 4
  const type = version === 4 ? EtherType.ipv4 : version === 6 ? EtherType.ipv6 : undefined
  const print = type === undefined ? undefined : line.tables.ethertypes.get(type)
  if (print === undefined) return
  line.put(verbose ? '\n\t' : ' ')
  line.into(print, at, size - (at - start))
}
