import { newKey, word } from '../../flow/layout.ts'
import { OfPort } from '../../openflow/action.ts'
import { below, type Random } from '../../runtime/random.ts'
import { ArpOp, writeArp } from '../../wire/arp.ts'
import { EthernetHeader, EtherType } from '../../wire/ethernet.ts'
import { Frame } from '../../wire/frame.ts'
import type { PacketIn } from '../packet-in.ts'

/** Nicira's, for MACs of no machine: three random bytes come behind, the first with its top bit set. */
const vendor = 0x002320
const broadcast = 0xffffffffffff
const noCookie = 0xffffffffffffffffn
const arpSize = 28

/** A packet that nobody sent: a reverse ARP request of some machine, which no flow matched, out of the bridge itself. */
export const knock = (random: Random): PacketIn => {
  const mac = vendor * 2 ** 24 + (0x800000 + below(random, 0x800000))
  const bytes = new Uint8Array(EthernetHeader.size + arpSize)
  EthernetHeader.write(bytes, 0, { dst: broadcast, src: mac, type: EtherType.rarp })
  writeArp(bytes, EthernetHeader.size, { op: ArpOp.rarpRequest, sha: mac, spa: 0, tha: mac, tpa: 0 })
  const key = newKey()
  key[word.inPort] = OfPort.local
  return {
    frame: Frame.from(bytes),
    reason: 'no_match',
    maxLength: 0xffff,
    controllerId: 0,
    table: 0,
    cookie: noCookie,
    key,
  }
}
