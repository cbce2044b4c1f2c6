import { broadcastMac, type Ip4, type Mac } from '../wire/address.ts'
import { ArpOp, parseArp, writeArp } from '../wire/arp.ts'
import { EtherType, pushEthernet } from '../wire/ethernet.ts'
import { Frame } from '../wire/frame.ts'
import type { Link } from './link.ts'
import type { Neighbour } from './neighbour.ts'
import type { Stack } from './stack.ts'

/** Takes an ARP frame (RFC 826): answers for any address of this host, on whatever link it is, as Linux does. */
export const receiveArp = (stack: Stack, link: Link, frame: Frame): void => {
  const { counters } = stack
  const arp = parseArp(frame.bytes, frame.start + 14, frame.end)
  if (!arp.ok) {
    counters.add(`Arp.InErrors.${arp.why}`)
    return
  }
  const { op, sha, spa, tpa } = arp.value
  counters.add('Arp.InMsgs')
  if (!link.resolves) return
  if (op !== ArpOp.request && op !== ArpOp.reply) {
    counters.add('Arp.InErrors.value')
    return
  }
  if (tpa >>> 24 === 127 || tpa >>> 28 === 0xe || spa >>> 28 >= 0xe) {
    counters.add('Arp.InErrors.value')
    return
  }
  const local = stack.addresses.isLocal(tpa)
  if (op === ArpOp.request && spa === 0) {
    // Somebody asks whether the address is free (RFC 5227 §2.1).
    if (local && answers(stack, link, tpa)) sendArp(link, ArpOp.reply, tpa, sha, 0, sha)
    return
  }
  if (stack.addresses.isLocal(spa)) {
    counters.add('Arp.InConflicts')
    return
  }
  if (op === ArpOp.request && local && answers(stack, link, tpa)) {
    const neighbour = stack.arp.get(link, spa)
    if (neighbour !== undefined) stack.arp.learn(neighbour, { mac: sha, solicited: false, override: true })
    sendArp(link, ArpOp.reply, tpa, sha, spa, sha)
    return
  }
  // What was not asked for is news only about neighbours that are known, unless arp_accept says otherwise.
  const accept = stack.settings.of(link.name).arp_accept !== 0 && (spa === tpa || op === ArpOp.reply)
  const neighbour = stack.arp.find(link, spa) ?? (accept ? stack.arp.get(link, spa) : undefined)
  if (neighbour === undefined) return
  const solicited = op === ArpOp.reply && (frame.bytes[frame.start] as number) % 2 === 0 && spa !== tpa
  stack.arp.learn(neighbour, { mac: sha, solicited, override: true })
}

const answers = (stack: Stack, link: Link, tpa: Ip4): boolean => {
  const mode = Math.max(stack.settings.all.arp_ignore, stack.settings.of(link.name).arp_ignore)
  return mode === 0 || stack.addresses.find(tpa, link) !== undefined
}

/** Asks who has an address: everybody, or (a probe) the one who had it. */
export const solicitArp = (stack: Stack, neighbour: Neighbour, mac: Mac | undefined): void => {
  const { link } = neighbour
  const target = neighbour.ip as Ip4
  const waiting = neighbour.queue.at(-1)
  // Linux asks with the source of the packet that waits, if that is an address of its own (arp_announce 0).
  const wanted = waiting === undefined ? 0 : sourceOf(waiting)
  const spa = wanted !== 0 && stack.addresses.isLocal(wanted) ? wanted : stack.addresses.source4(link, target)
  sendArp(link, ArpOp.request, spa, mac ?? broadcastMac, target, 0)
}

const sourceOf = ({ bytes, start }: Frame): Ip4 =>
  (((bytes[start + 12] as number) << 24) |
    ((bytes[start + 13] as number) << 16) |
    ((bytes[start + 14] as number) << 8) |
    (bytes[start + 15] as number)) >>>
  0

/** Sends one ARP message from the link's own MAC. */
export const sendArp = (link: Link, op: number, spa: Ip4, dst: Mac, tpa: Ip4, tha: Mac): void => {
  const frame = Frame.of(28)
  writeArp(frame.bytes, frame.start, { op, sha: link.mac, spa, tha, tpa })
  link.transmit(pushEthernet(frame, { dst, src: link.mac, type: EtherType.arp }))
}
