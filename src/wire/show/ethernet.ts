import { formatMac } from '../address.ts'
import { EthernetHeader, smallestEtherType } from '../ethernet.ts'
import { hexdumpText } from '../hexdump.ts'
import { isVlanType, VlanHeader } from '../vlan.ts'
import { hex, type Line } from './line.ts'
import { showLlc } from './llc.ts'
import { ethertypeNames } from './names.ts'

/** Ethernet, its VLAN tags with it. Without `-e` only what it carries is shown. */
export const showEthernet = (line: Line, start: number, size: number): void => {
  const { bytes, link } = line
  if (size < 14 || start + 14 > line.end) {
    line.put(' [|ether]')
    return
  }
  const field = EthernetHeader.at
  const macs = `${formatMac(field.src(bytes, start))} > ${formatMac(field.dst(bytes, start))}`
  if (link) line.put(`${macs}, `)
  let type = field.type(bytes, start)
  let at = start + 14
  let left = size - 14
  let tagged = false
  for (;;) {
    if (type < smallestEtherType) {
      const length = Math.min(type, left)
      if (link) line.put(tagged ? '802.3' : `802.3, length ${length}: `)
      line.end = Math.min(line.end, at + length)
      showLlc(line, at, length, macs)
      return
    }
    if (isVlanType(type) && left < 4) {
      line.put(' [|vlan]')
      return
    }
    if (link) {
      const name = `ethertype ${ethertypeNames.get(type) ?? 'Unknown'} (0x${hex(type, 4)})`
      line.put(tagged ? `${name}, ` : `${name}, length ${size}: `)
    }
    if (!isVlanType(type)) break
    if (link) {
      const { pcp, dei, vid } = VlanHeader.at
      line.put(`vlan ${vid(bytes, at)}, p ${pcp(bytes, at)}${dei(bytes, at) ? ', DEI' : ''}, `)
    }
    type = VlanHeader.at.type(bytes, at)
    at += 4
    left -= 4
    tagged = true
  }
  const print = line.tables.ethertypes.get(type)
  if (print !== undefined) line.into(print, at, left)
  else {
    if (!link)
      line.put(`${macs}, ethertype ${ethertypeNames.get(type) ?? 'Unknown'} (0x${hex(type, 4)}), length ${size}: `)
    line.put(hexdumpText(bytes, at, line.end))
  }
}
