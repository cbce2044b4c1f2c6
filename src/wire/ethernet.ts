import type { Mac } from './address.ts'
import type { Frame } from './frame.ts'
import { header, u16, u48 } from './header.ts'
import { type Parsed, parsed, refused } from './parsed.ts'

/** What an Ethernet II type field says comes next (IANA, "IEEE 802 Numbers"). */
export const EtherType = {
  ipv4: 0x0800,
  arp: 0x0806,
  teb: 0x6558,
  rarp: 0x8035,
  vlan: 0x8100,
  ipv6: 0x86dd,
  slow: 0x8809,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  pppoeDiscovery: 0x8863,
  pppoeSession: 0x8864,
  eapol: 0x888e,
  vlanService: 0x88a8,
  lldp: 0x88cc,
  nsh: 0x894f,
  vlanOld: 0x9100,
} as const

/** A type field below this is the payload's length in bytes: an 802.3 frame (IEEE 802.3 §3.2.6). */
export const smallestEtherType = 0x600

/** The smallest Ethernet frame without its check sequence; senders pad up to it. */
export const smallestFrame = 60

/** RFC 894 and IEEE 802.3 §3.2. */
export const EthernetHeader = header('Ethernet', 14, { dst: [0, u48], src: [6, u48], type: [12, u16] })

/** `type` is an ethertype, or the payload's length where it is below `smallestEtherType`. */
export type Ethernet = { dst: Mac; src: Mac; type: number }

/** Refuses only `short`. */
export const parseEthernet = (
  bytes: Uint8Array,
  start: number,
  end: number,
): Parsed<Ethernet & { payload: number }> => {
  if (start + 14 > end) return refused('short')
  return parsed({
    dst: u48.get(bytes, start),
    src: u48.get(bytes, start + 6),
    type: u16.get(bytes, start + 12),
    payload: start + 14,
  })
}

/** Writes 14 bytes. */
export const writeEthernet = (bytes: Uint8Array, at: number, ethernet: Ethernet): number => {
  u48.set(bytes, at, ethernet.dst)
  u48.set(bytes, at + 6, ethernet.src)
  u16.set(bytes, at + 12, ethernet.type)
  return 14
}

/** Puts an Ethernet header in front of what the frame holds. */
export const pushEthernet = (frame: Frame, ethernet: Ethernet): Frame => {
  frame.prepend(14)
  writeEthernet(frame.bytes, frame.start, ethernet)
  return frame
}

/** Fills the frame up to `smallestFrame` with zero bytes, as a sender on a real cable does. */
export const padFrame = (frame: Frame): Frame => {
  const missing = smallestFrame - frame.size
  if (missing <= 0) return frame
  if (frame.end + missing > frame.bytes.length) {
    const room = new Uint8Array(frame.end + missing)
    room.set(frame.bytes.subarray(0, frame.end))
    frame.bytes = room
  } else frame.bytes.fill(0, frame.end, frame.end + missing)
  frame.end += missing
  return frame
}

/** 01:80:c2:00:00:00 to :0f, which a bridge does not forward (IEEE 802.1Q §8.6.3). */
export const isReservedMulticast = (mac: Mac): boolean => mac >= 0x0180c2000000 && mac <= 0x0180c200000f
