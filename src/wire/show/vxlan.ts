import { u24 } from '../header.ts'
import { VxlanHeader } from '../vxlan.ts'
import { hex, type Line } from './line.ts'

/** VXLAN, the frame inside on a line of its own. */
export const showVxlan = (line: Line, at: number, size: number): void => {
  if (!showFlags(line, at, 'vxlan')) return
  line.put(`vni ${VxlanHeader.at.vni(line.bytes, at)}\n`)
  showInside(line, at, size, 'vxlan')
}

/** What tcpdump takes port 8472 for, where Linux sends VXLAN unless told otherwise. */
export const showOtv = (line: Line, at: number, size: number): void => {
  if (!showFlags(line, at, 'otv')) return
  line.put(`overlay ${u24.get(line.bytes, at + 1)}, instance ${u24.get(line.bytes, at + 4)}\n`)
  showInside(line, at, size, 'otv')
}

const showFlags = (line: Line, at: number, name: 'vxlan' | 'otv'): boolean => {
  line.put(name.toUpperCase())
  if (!line.needs(at, 1, name)) return false
  const flags = line.bytes[at]!
  line.put(`, flags [${(flags & 8) !== 0 ? 'I' : 'invalid'}] (0x${hex(flags, 2)}), `)
  return line.needs(at, 7, name)
}

const showInside = (line: Line, at: number, size: number, name: string): void => {
  if (line.needs(at, 8, name)) line.into(line.tables.ethernet, at + 8, size - 8)
}
