import { formatMac } from '../address.ts'
import { u16, u32, u48 } from '../header.ts'
import { flagNames, hex, type Line } from './line.ts'

/** Bridge protocol data units (IEEE 802.1D §9.3), of STP and RSTP. */
export const showStp = (line: Line, at: number, size: number): void => {
  const { bytes } = line
  if (size < 4) {
    line.put(' (invalid)')
    return
  }
  if (!line.needs(at, 4, 'stp')) return
  const [version, type] = [bytes[at + 2]!, bytes[at + 3]!]
  const name = ['802.1d', '', '802.1w', '802.1s'][version] ?? 'Unknown'
  line.put(`STP ${name}`)
  if (type === 0x80) {
    line.put(', Topology Change')
    return
  }
  if (type !== 0 && type !== 2) {
    line.put(`, Unknown STP type (0x${hex(type, 2)})`)
    return
  }
  line.put(`, ${type === 0 ? 'Config' : 'Rapid STP'}`)
  if (size < 35) {
    line.put(' (invalid)')
    return
  }
  if (!line.needs(at, 35, 'stp')) return
  line.put(`, Flags [${flags(bytes[at + 4]!)}]`)
  line.put(`, bridge-id ${bridge(bytes, at + 17)}.${hex(u16.get(bytes, at + 25), 4)}, length ${size}`)
  if (!line.verbose) return
  const time = (from: number): string => {
    const value = u16.get(bytes, from)
    return `${(value / 256).toFixed(2)}s`
  }
  line.put(`\n\tmessage-age ${time(at + 27)}, max-age ${time(at + 29)}`)
  line.put(`, hello-time ${time(at + 31)}, forwarding-delay ${time(at + 33)}`)
  line.put(`\n\troot-id ${bridge(bytes, at + 5)}, root-pathcost ${u32.get(bytes, at + 13)}`)
  if (type === 2) line.put(`, port-role ${roles[(bytes[at + 4]! >> 2) & 3]}`)
}

const roles = ['Unknown', 'Alternate', 'Root', 'Designated']

/** The bits of the flags that are not the port's role. */
const flags = (value: number): string =>
  flagNames(((value & 0xf0) >> 2) | (value & 3), [
    'Topology change',
    'Proposal',
    'Learn',
    'Forward',
    'Agreement',
    'Topology change ACK',
  ])

const bridge = (bytes: Uint8Array, at: number): string =>
  `${hex(u16.get(bytes, at), 4)}.${formatMac(u48.get(bytes, at + 2))}`
