import { EtherType } from '../ethernet.ts'
import { hexdumpText } from '../hexdump.ts'
import { LlcSap, SnapHeader } from '../llc.ts'
import { hex, type Line } from './line.ts'
import { ethertypeNames } from './names.ts'
import { showStp } from './stp.ts'

const sapNames: ReadonlyMap<number, string> = new Map([
  [0x00, 'Null'],
  [0x06, 'IP'],
  [0x42, 'STP'],
  [0xaa, 'SNAP'],
  [0xe0, 'IPX'],
  [0xf0, 'NetBeui'],
  [0xfe, 'ISO NLPID'],
  [0xff, 'Global'],
])

/** IEEE 802.2: what an 802.3 frame carries. `macs` are the frame's addresses, shown with what is not understood. */
export const showLlc = (line: Line, at: number, size: number, macs: string): void => {
  const { bytes, link } = line
  if (!line.needs(at, 3, 'llc')) return
  const [dsap, ssap, control] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!]
  const name = (sap: number): string => sapNames.get(sap & 0xfe) ?? 'Unknown'
  if (link) {
    const group = (dsap & 1) !== 0 ? 'Group' : 'Individual'
    const response = (ssap & 1) !== 0 ? 'Response' : 'Command'
    line.put(`LLC, dsap ${name(dsap)} (0x${hex(dsap & 0xfe, 2)}) ${group}, `)
    line.put(`ssap ${name(ssap)} (0x${hex(ssap & 0xfe, 2)}) ${response}, ctrl 0x${hex(control, 2)}: `)
  }
  if (dsap === LlcSap.stp && ssap === LlcSap.stp && control === 3) {
    showStp(line, at + 3, size - 3)
    return
  }
  if (dsap === LlcSap.snap && ssap === LlcSap.snap && control === 3) {
    if (showSnap(line, at + 3, size - 3)) return
  }
  if (!link) {
    const [from, to] = macs.split(' > ')
    const sap = (kind: string, value: number): string =>
      `${sapNames.get(value & 0xfe) ?? 'Unknown'} ${kind} 0x${hex(value & 0xfe, 2)}`
    line.put(`${from} ${sap('SSAP', ssap)} > ${to} ${sap('DSAP', dsap)} `)
  }
  const unnumbered = (control & 3) === 3
  const response = (ssap & 1) !== 0 ? 'Response' : 'Command'
  if (unnumbered) {
    line.put(
      `Unnumbered, ${unnumberedNames.get(control & 0xef) ?? hex(control, 2)}, Flags [${response}], length ${size}`,
    )
  } else line.put(`${(control & 1) === 0 ? 'Information' : 'Supervisory'}, Flags [${response}], length ${size}`)
  line.put(hexdumpText(bytes, at, Math.min(at + size, line.end)))
}

const unnumberedNames: ReadonlyMap<number, string> = new Map([
  [0x03, 'ui'],
  [0x0f, 'dm'],
  [0x43, 'disc'],
  [0x63, 'ua'],
  [0x6f, 'sabme'],
  [0x87, 'frmr'],
  [0xaf, 'xid'],
  [0xe3, 'test'],
])

/** False if what follows is not known here. */
const showSnap = (line: Line, at: number, size: number): boolean => {
  const { bytes } = line
  if (!line.needs(at, 5, 'snap')) return true
  const oui = SnapHeader.at.oui(bytes, at)
  const type = SnapHeader.at.type(bytes, at)
  if (oui !== 0) return false
  if (line.link) {
    line.put(`oui Ethernet (0x000000), ethertype ${ethertypeNames.get(type) ?? 'Unknown'} (0x${hex(type, 4)})`)
    line.put(`, length ${size - 5}: `)
  }
  const print = line.tables.ethertypes.get(type)
  if (print === undefined || type === EtherType.vlan) return false
  line.into(print, at + 5, size - 5)
  return true
}
