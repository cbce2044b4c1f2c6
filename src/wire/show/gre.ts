import { EtherType } from '../ethernet.ts'
import { u16, u32 } from '../header.ts'
import { hex, type Line } from './line.ts'
import { ethertypeNames } from './names.ts'

/** GRE version 0 (RFC 2784, RFC 2890). */
export const showGre = (line: Line, start: number, size: number): void => {
  const { bytes, verbose } = line
  if (!line.needs(start, 4, 'gre')) return
  const flags = u16.get(bytes, start)
  const protocol = u16.get(bytes, start + 2)
  line.put(`GREv${flags & 7}`)
  if ((flags & 7) !== 0) {
    line.put(`, length ${size}`)
    return
  }
  const [hasChecksum, hasKey, hasSequence] = [(flags & 0x8000) !== 0, (flags & 0x2000) !== 0, (flags & 0x1000) !== 0]
  if (verbose) {
    const names = [hasChecksum && 'checksum present', hasKey && 'key present', hasSequence && 'sequence# present']
    line.put(`, Flags [${names.filter(name => name !== false).join(', ') || 'none'}]`)
  }
  let at = start + 4
  const word = (): number | undefined => {
    if (!line.needs(at, 4, 'gre')) return undefined
    at += 4
    return u32.get(bytes, at - 4)
  }
  if (hasChecksum) {
    const found = word()
    if (found === undefined) return
    if (verbose) line.put(`, sum 0x${hex(found >>> 16)}`)
    line.put(`, off 0x${hex(found & 0xffff)}`)
  }
  if (hasKey) {
    const key = word()
    if (key === undefined) return
    line.put(`, key=0x${hex(key)}`)
  }
  if (hasSequence) {
    const sequence = word()
    if (sequence === undefined) return
    line.put(`, seq ${sequence}`)
  }
  if (line.link) line.put(`, proto ${ethertypeNames.get(protocol) ?? 'unknown'} (0x${hex(protocol, 4)})`)
  line.put(`, length ${size}`)
  line.put(verbose ? '\n\t' : ': ')
  const left = size - (at - start)
  const print = protocol === EtherType.teb ? line.tables.ethernet : line.tables.ethertypes.get(protocol)
  if (print !== undefined) line.into(print, at, left)
  else line.put(`gre-proto-0x${hex(protocol)}`)
}
