/** Capture files as ovs-ofctl reads them: the classic format only, of Ethernet or of Linux' "any" device. */
import { LinkType } from '../../wire/captured.ts'
import { big32, little32, type Read32 } from '../../wire/pcap.ts'

export type PcapPacket = {
  /** ns since 1970. */
  time: number
  frame: Uint8Array
}
/** What ends the reading: nothing is wrong with a file that just ends, though its end may be told of. */
type End = { failed: boolean; note: string | undefined; dump?: Uint8Array }
export type PcapFile = { open: true; packets: Generator<PcapPacket, End> } | { open: false; note: string; why: string }

/** In the words of the system. */
export const protocolError = 'Protocol error'
export const endOfFile = 'End of file'

const fileHeader = 24
const recordHeader = 16
const longestPacket = 0xffff
const micro = 0xa1b2c3d4
const nano = 0xa1b23c4d

/** Opens a file of these bytes. */
export const readPcapFile = (bytes: Uint8Array): PcapFile => {
  if (bytes.length < fileHeader)
    return { open: false, note: `failed to read pcap header: ${endOfFile}`, why: endOfFile }
  const magic = little32(bytes, 0)
  const read = [little32, big32].find(each => [micro, nano].includes(each(bytes, 0)))
  const refuse = (note: string): PcapFile => ({ open: false, note, why: protocolError })
  if (read === undefined)
    return refuse(
      `bad magic 0x${magic.toString(16).padStart(8, '0')} reading pcap file (expected 0xa1b2c3d4, 0xa1b23c4d, 0xd4c3b2a1, or 0x4d3cb2a1)`,
    )
  const network = read(bytes, 20)
  if (network !== LinkType.ethernet && network !== LinkType.linuxSll)
    return refuse(`unknown network type ${network} reading pcap file`)
  const tick = read(bytes, 0) === nano ? 1 : 1000
  // A Node `Buffer` would give packets that are not copies.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  return { open: true, packets: packetsOf(plain, read, tick, network === LinkType.linuxSll) }
}

function* packetsOf(bytes: Uint8Array, read: Read32, tick: number, cooked: boolean): Generator<PcapPacket, End> {
  for (let at = fileHeader; at + recordHeader <= bytes.length; ) {
    const length = read(bytes, at + 8)
    if (length > longestPacket) {
      const other = (read === big32 ? little32 : big32)(bytes, at + 8)
      return { failed: true, note: `bad packet length ${other} or ${length} reading pcap file` }
    }
    const start = at + recordHeader
    // A packet of no bytes cannot be told from one that is not there.
    if (length === 0 || start + length > bytes.length)
      return { failed: false, note: `failed to read pcap packet: ${endOfFile}` }
    const time = read(bytes, at) * 1e9 + read(bytes, at + 4) * tick
    const frame = bytes.slice(start, start + length)
    if (cooked && length < cookedHeader) return { failed: true, note: 'pcap packet too short for SLL header' }
    if (cooked && !isCookedEthernet(frame))
      return { failed: true, note: 'bad SLL header', dump: frame.subarray(0, cookedHeader) }
    yield { time, frame: cooked ? asEthernet(frame) : frame }
    at = start + length
  }
  return { failed: false, note: undefined }
}

/**
 * LINKTYPE_LINUX_SLL: packet type 16, ARPHRD 16, address length 16, address 64, EtherType 16. Only packets from six-byte
 * addresses can be made frames of.
 */
const cookedHeader = 16
const isCookedEthernet = (packet: Uint8Array): boolean => packet[4] === 0 && packet[5] === 6

/** The frame that it might have been; nothing says where it went. */
const asEthernet = (packet: Uint8Array): Uint8Array => {
  const frame = packet.slice(2)
  frame.fill(0, 0, 6)
  frame.set(packet.subarray(6, 12), 6)
  return frame
}

/** What `compose-packet --pcap` writes: a file with one frame, in microseconds. `time` is milliseconds since 1970. */
export const pcapFileOf = (frame: Uint8Array, time: number): Uint8Array => {
  const file = new Uint8Array(fileHeader + recordHeader + frame.length)
  const view = new DataView(file.buffer)
  // Version 2.4, no time zone, no accuracy, and Ethernet.
  const seconds = Math.floor(time / 1000)
  const words = [micro, 0x00040002, 0, 0, snapLength, LinkType.ethernet]
  words.push(seconds, (time - seconds * 1000) * 1000, frame.length, frame.length)
  for (const [i, value] of words.entries()) view.setUint32(4 * i, value, true)
  file.set(frame, fileHeader + recordHeader)
  return file
}
const snapLength = 1518
