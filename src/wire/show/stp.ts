import { formatMac } from '../address.ts'
import { BpduHeader, BpduType, rapidSize, roleShift, smallestBpdu } from '../bpdu.ts'
import { u16, u32, u48 } from '../header.ts'
import { MstHeader, MstInstanceHeader } from '../mst.ts'
import { flagNames, hex, type Line, printable } from './line.ts'

/** Bridge protocol data units: of STP and RSTP (IEEE 802.1D §9.3), and of MSTP (IEEE 802.1Q §14.4). */
export const showStp = (line: Line, at: number, size: number): void => {
  const { bytes } = line
  if (size < smallestBpdu) {
    line.put(' (invalid)')
    return
  }
  if (!line.needs(at, smallestBpdu, 'stp')) return
  if (u16.get(bytes, at) !== 0) {
    line.put(`unknown STP version, length ${size}`)
    return
  }
  const [version, type] = [bytes[at + 2]!, bytes[at + 3]!]
  const name = versions.get(version)
  line.put(`STP ${name ?? `Unknown STP protocol (0x${hex(version, 2)})`}`)
  if (name === undefined) return
  if (type === BpduType.change) line.put(', Topology Change')
  else if (type === BpduType.config) {
    line.put(', Config')
    showTree(line, at, size, version)
  } else if (type === BpduType.rapid) {
    line.put(', Rapid STP')
    if (version === rapid) showTree(line, at, size, version)
    else if (version >= multiple) showMultiple(line, at, size)
  } else line.put(`, Unknown STP type (0x${hex(type, 2)})`)
}

const [rapid, multiple] = [2, 3]
const versions: ReadonlyMap<number, string> = new Map([
  [0, '802.1d'],
  [rapid, '802.1w'],
  [multiple, '802.1s'],
  [4, '802.1aq'],
])

const showTree = (line: Line, at: number, size: number, version: number): void => {
  const { bytes } = line
  const least = bytes[at + 3] === BpduType.rapid ? rapidSize : BpduHeader.size
  if (size < least) {
    line.put(' (invalid)')
    return
  }
  if (!line.needs(at, least, 'stp')) return
  line.put(`, Flags [${flags(bytes[at + 4]!)}]`)
  line.put(`, bridge-id ${bridge(bytes, at + 17)}.${hex(u16.get(bytes, at + 25), 4)}, length ${size}`)
  if (!line.verbose) return
  line.put(`\n\t${times(bytes, at)}`)
  line.put(`\n\troot-id ${bridge(bytes, at + 5)}, root-pathcost ${u32.get(bytes, at + 13)}`)
  if (version === rapid) line.put(`, port-role ${role(bytes[at + 4]!)}`)
}

/** Where a message of several trees has its length, and what follows that. */
const [lengthAt, regionAt] = [rapidSize, rapidSize + 2]

const showMultiple = (line: Line, at: number, size: number): void => {
  const { bytes } = line
  const length = regionAt + MstHeader.size <= size ? u16.get(bytes, at + lengthAt) : 0
  const rest = length - MstHeader.size
  if (rest < 0 || regionAt + length > size || rest % MstInstanceHeader.size !== 0) {
    line.put(' (invalid)')
    return
  }
  if (!line.needs(at, regionAt + length, 'stp')) return
  line.put(`, CIST Flags [${flags(bytes[at + 4]!)}], length ${size}`)
  if (!line.verbose) return
  const region = at + regionAt
  line.put(`\n\tport-role ${role(bytes[at + 4]!)}, CIST root-id ${bridge(bytes, at + 5)}`)
  line.put(`, CIST ext-pathcost ${u32.get(bytes, at + 13)}`)
  line.put(`\n\tCIST regional-root-id ${bridge(bytes, at + 17)}, CIST port-id ${hex(u16.get(bytes, at + 25), 4)},`)
  line.put(`\n\t${times(bytes, at)}`)
  line.put(`\n\tv3len ${length}, MCID Name ${nameOf(bytes, region + 1)}, rev ${MstHeader.at.revision(bytes, region)},`)
  line.put(`\n\t\tdigest ${digits(bytes, region + 35, region + 51)}`)
  line.put(`, CIST int-root-pathcost ${MstHeader.at.internalCost(bytes, region)},`)
  line.put(`\n\tCIST bridge-id ${bridge(bytes, region + 55)}, CIST remaining-hops ${MstHeader.at.hops(bytes, region)}`)
  for (let from = region + MstHeader.size; from < region + length; from += MstInstanceHeader.size)
    showInstance(line, from)
}

const showInstance = (line: Line, at: number): void => {
  const { bytes } = line
  const { flags: flagsAt, cost, bridgePriority, portPriority, hops } = MstInstanceHeader.at
  line.put(`\n\tMSTI ${u16.get(bytes, at + 1) & 0xfff}, Flags [${flags(flagsAt(bytes, at))}]`)
  line.put(`, port-role ${role(flagsAt(bytes, at))}`)
  line.put(`\n\t\tMSTI regional-root-id ${bridge(bytes, at + 1)}, pathcost ${cost(bytes, at)}`)
  line.put(`\n\t\tMSTI bridge-prio ${bridgePriority(bytes, at) >> 4}, port-prio ${portPriority(bytes, at) >> 4}`)
  line.put(`, hops ${hops(bytes, at)}`)
}

const time = (bytes: Uint8Array, at: number): string => `${(u16.get(bytes, at) / 256).toFixed(2)}s`
const times = (bytes: Uint8Array, at: number): string =>
  `message-age ${time(bytes, at + 27)}, max-age ${time(bytes, at + 29)}, hello-time ${time(bytes, at + 31)}, forwarding-delay ${time(bytes, at + 33)}`

const roles = ['Unknown', 'Alternate', 'Root', 'Designated']
const role = (value: number): string => roles[(value >> roleShift) & 3] as string

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

const digits = (bytes: Uint8Array, start: number, end: number): string => {
  let text = ''
  for (let i = start; i < end; i++) text += hex(bytes[i]!, 2)
  return text
}

/** A region's name, up to its first zero. */
const nameOf = (bytes: Uint8Array, at: number): string => {
  const end = bytes.subarray(at, at + 32).indexOf(0)
  return printable(bytes, at, end < 0 ? at + 32 : at + end)
}
