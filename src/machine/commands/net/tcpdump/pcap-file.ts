/** The capture file that tcpdump writes on a little-endian machine: pcap 2.4 with microseconds (pcap-savefile(5)). */

const put = (bytes: Uint8Array, at: number, words: readonly number[]): void => {
  for (const [i, word] of words.entries())
    for (let shift = 0; shift < 4; shift++) bytes[at + i * 4 + shift] = word >>> (8 * shift)
}

/** The microseconds behind the whole second of a time in milliseconds; a fraction is rounded, for it may be a double's. */
export const microseconds = (time: number): number =>
  Math.min(999_999, Math.round((time - Math.floor(time / 1000) * 1000) * 1000))

/** The header of the file, 24 bytes. */
export const pcapHeader = (snapLength: number, linkType: number): Uint8Array => {
  const bytes = new Uint8Array(24)
  put(bytes, 0, [0xa1b2c3d4, 0x00040002, 0, 0, snapLength, linkType])
  return bytes
}

/** A packet of which `kept` bytes are written. `time` is milliseconds since 1970. */
export const pcapRecord = (time: number, packet: Uint8Array, kept: number): Uint8Array => {
  const size = Math.min(kept, packet.length)
  const bytes = new Uint8Array(16 + size)
  put(bytes, 0, [Math.floor(time / 1000), microseconds(time), size, packet.length])
  bytes.set(packet.subarray(0, size), 16)
  return bytes
}

/** A frame behind the header that captures of all interfaces have, LINKTYPE_LINUX_SLL2, instead of Ethernet's. */
export const cooked = (frame: Uint8Array, ifindex: number, loopback: boolean, packetType: number): Uint8Array => {
  const bytes = new Uint8Array(20 + frame.length - 14)
  bytes.set(frame.subarray(12, 14), 0)
  bytes[7] = ifindex
  bytes[6] = ifindex >>> 8
  const hardware = loopback ? 772 : 1
  bytes[8] = hardware >>> 8
  bytes[9] = hardware
  bytes[10] = packetType
  bytes[11] = 6
  bytes.set(frame.subarray(6, 12), 12)
  bytes.set(frame.subarray(14), 20)
  return bytes
}
