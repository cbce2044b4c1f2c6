import { u16 } from '../header.ts'
import { isUdpChecksumRight, setUdpChecksum, UdpHeader } from '../udp.ts'
import { endpoints } from './endpoints.ts'
import { copyOf, hex, type Line } from './line.ts'

/** UDP, and what its ports say that it carries. */
export const showUdp = (line: Line, at: number, size: number): void => {
  const { bytes } = line
  if (at + 4 > line.end) {
    line.put(`${endpoints(line)}:  [|udp]`)
    return
  }
  const [src, dst] = [UdpHeader.at.src(bytes, at), UdpHeader.at.dst(bytes, at)]
  line.put(`${endpoints(line, src, dst)}: `)
  if (!line.needs(at, 8, 'udp')) return
  const length = UdpHeader.at.length(bytes, at)
  if (length < 8) {
    line.put(`truncated-udplength ${length}`)
    return
  }
  if (line.verbose && !line.incomplete) line.put(checksumOf(line, at, size))
  const payload = Math.min(length, size) - 8
  const print = payload > 0 ? (line.tables.ports.get(dst) ?? line.tables.ports.get(src)) : undefined
  if (print !== undefined) line.into(print, at + 8, payload)
  else if (length > size && !line.incomplete) line.put(`UDP, bad length ${length - 8} > ${size - 8}`)
  else line.put(`UDP, length ${length - 8}`)
}

/** Only over IPv6, where UDP must have one, is it worth a word. */
const checksumOf = (line: Line, at: number, size: number): string => {
  const { bytes, ip } = line
  if (bytes[ip]! >> 4 !== 6 || at + size > line.end) return ''
  const end = at + size
  if (u16.get(bytes, at + 6) !== 0 && isUdpChecksumRight(bytes, ip, at, end)) return '[udp sum ok] '
  const copy = copyOf(bytes, 0, end)
  setUdpChecksum(copy, ip, at, end)
  return `[bad udp cksum 0x${hex(u16.get(bytes, at + 6), 4)} -> 0x${hex(u16.get(copy, at + 6), 4)}!] `
}
