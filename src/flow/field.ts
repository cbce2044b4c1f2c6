/** How a value is written and read as text (ovs-fields(7), "Format"). */
export type Format =
  | 'decimal'
  | 'hex'
  | 'ethernet'
  | 'ipv4'
  | 'ipv6'
  | 'port'
  | 'frag'
  | 'tunnel flags'
  | 'tcp flags'
  | 'ct state'
  | 'packet type'

/** What a match must say already before it may look at a field (ovs-fields(7), "Prerequisites"). */
export type Prerequisite =
  | 'ethernet'
  | 'vlan'
  | 'arp'
  | 'ipv4'
  | 'ipv6'
  | 'ip'
  | 'mpls'
  | 'tcp'
  | 'udp'
  | 'sctp'
  | 'icmp'
  | 'icmpv6'
  | 'nd'
  | 'nd solicit'
  | 'nd advert'
  | 'nsh'
  | 'ct'

/** A field's number in one of the classes of NXM and OXM, and the versions that have it under this name. */
export type Code = {
  /** `NXM_OF_ETH_SRC`, `OXM_OF_IN_PORT`: the prefix names the class. */
  readonly name: string
  /** 16 bits. */
  readonly class: number
  /** The experimenter ID that class 0xffff has in addition. */
  readonly experimenter?: number
  readonly number: number
  /** First Open vSwitch that knows it: `2.5`. */
  readonly ovs: string
  /** First OpenFlow that has it as a standard field; without, an extension. */
  readonly openflow?: string
}

/** One match field. */
export type Field = {
  /** The other name that text may use. */
  readonly aka?: string
  /** The word with the least significant bit, and that bit's place; wider fields begin in the words before. */
  readonly at: readonly [word: number, bit: number]
  /** How many bits count. */
  readonly bits: number
  /** How many the wire has, where it differs. 992 bits, of tunnel options, are the most; the wire leaves out leading zeros. */
  readonly wireBits?: number
  /** How many a match keeps of what the wire says, where Open vSwitch keeps more than count. */
  readonly room?: number
  /** Which of `bits` may be set, where not all. */
  readonly valid?: number
  readonly format: Format
  readonly maskable?: boolean
  readonly writable?: boolean
  readonly needs?: Prerequisite
  /** How far the fixed matches of OpenFlow 1.0 and 1.1 have it. */
  readonly of10?: 'exact' | 'cidr' | 'mask'
  readonly of11?: 'exact' | 'cidr' | 'mask'
  /** The preferred one first. */
  readonly codes?: readonly Code[]
}

/** Class and experimenter by a code's prefix, the longer prefixes first (ovs-fields(7)). */
const classes: readonly (readonly [prefix: string, oxmClass: number, experimenter?: number])[] = [
  ['OXM_OF_PKT_REG', 0x8001],
  ['NXM_OF_', 0x0000],
  ['NXM_NX_', 0x0001],
  ['ERICOXM_OF_', 0x1000],
  ['OXM_OF_', 0x8000],
  ['NXOXM_ET_', 0xffff, 0x00002320],
  ['NXOXM_NSH_', 0xffff, 0x005ad650],
  ['ONFOXM_ET_', 0xffff, 0x4f4e4600],
]

/** A row of `codes` in the field table. */
export const code = (name: string, number: number, ovs: string, openflow?: string): Code => {
  const row = classes.find(([prefix]) => name.startsWith(prefix))
  if (row === undefined) throw new Error(`no class for ${name}`)
  return {
    name,
    class: row[1],
    ...(row[2] === undefined ? {} : { experimenter: row[2] }),
    number,
    ovs,
    ...(openflow === undefined ? {} : { openflow }),
  }
}
