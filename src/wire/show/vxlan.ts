import { u24 } from '../header.ts'
import { VxlanHeader } from '../vxlan.ts'
import { hex, type Line } from './line.ts'

/** VXLAN, the frame inside on a line of its own. */
export const showVxlan = (line: Line, at: number, size: number): void => {
  line.put('VXLAN, ')
  if (!showFlags(line, at, 'vxlan')) return
  line.put(`vni ${VxlanHeader.at.vni(line.bytes, at)}\n`)
  line.into(line.tables.ethernet, at + 8, size - 8)
}

/** What tcpdump takes port 8472 for, where Linux sends VXLAN unless told otherwise. */
export const showOtv = (line: Line, at: number, size: number): void => {
  line.put('OTV, ')
  if (!showFlags(line, at, 'otv')) return
  line.put(`overlay ${u24.get(line.bytes, at + 1)}, instance ${u24.get(line.bytes, at + 4)}\n`)
  line.into(line.tables.ethernet, at + 8, size - 8)
}

const showFlags = (line: Line, at: number, name: string): boolean => {
  if (!line.needs(at, 1, name)) return false
  const flags = line.bytes[at]!
  line.put(`flags [${(flags & 8) !== 0 ? 'I' : 'invalid'}] (0x${hex(flags, 2)}), `)
  return line.needs(at, 8, name)
}
