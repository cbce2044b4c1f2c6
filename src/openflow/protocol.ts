/** OpenFlow's wire versions, as the header's first byte counts them: 1 is 1.0, 6 is 1.5. */
export type Version = 1 | 2 | 3 | 4 | 5 | 6

/**
 * Ways to say a flow on the wire, a bit each, the ones that ovs-ofctl prefers first. `tid` can name a table, which plain
 * OpenFlow 1.0 cannot without an extension; NXM is Nicira's flexible match on 1.0, OXM its standard form since 1.2.
 */
const rows = [
  ['OpenFlow10-table_id', 1],
  ['OpenFlow10+table_id', 1],
  ['NXM-table_id', 1],
  ['NXM+table_id', 1],
  ['OpenFlow11', 2],
  ['OXM-OpenFlow12', 3],
  ['OXM-OpenFlow13', 4],
  ['OXM-OpenFlow14', 5],
  ['OXM-OpenFlow15', 6],
] as const satisfies readonly (readonly [string, Version])[]

/** A set of protocols as bits. */
export type Protocols = number

export const protocol = {
  none: 0,
  of10: 0b11,
  nxm: 0b1100,
  of11: 0b10000,
  oxm: 0b111100000,
  since11: 0b111110000,
  since13: 0b111000000,
  withTable: 0b111111010,
  any: 0b111111111,
} as const

const abbreviations: readonly [string, Protocols][] = [
  ['any', protocol.any],
  ['OpenFlow10', protocol.of10],
  ['NXM', protocol.nxm],
  ['OXM', protocol.oxm],
]

/** As in `usable protocols: NXM,OXM`. */
export const formatProtocols = (protocols: Protocols): string => {
  if (protocols === 0) return 'none'
  const names: string[] = []
  let rest = protocols
  for (const [name, bits] of abbreviations) {
    if ((rest & bits) !== bits) continue
    names.push(name)
    rest &= ~bits
  }
  for (const [i, [name]] of rows.entries()) if ((rest >> i) & 1) names.push(name)
  return names.join(',')
}

/** Reads the list of `-F`; a text says what is wrong, in the words of ovs-ofctl. */
export const protocolsNamed = (text: string): Protocols | string => {
  let protocols: Protocols = protocol.none
  for (const name of text.split(',').filter(part => part !== '')) {
    const same = ([known]: readonly [string, unknown]): boolean => known.toLowerCase() === name.toLowerCase()
    const row = rows.findIndex(same)
    const bits = row < 0 ? abbreviations.find(same)?.[1] : 1 << row
    if (bits === undefined) return `${name}: unknown flow protocol`
    protocols |= bits
  }
  return protocols === protocol.none ? `${text}: no flow protocol specified` : protocols
}

/** The version of the first of a set of protocols, for each. */
export const versionOf = (single: Protocols): Version | undefined => rows[31 - Math.clz32(single)]?.[1]

/** All ways to say a flow in a version. */
export const protocolsOf = (version: Version): Protocols => ofVersions[version] ?? 0

const ofVersions: Protocols[] = []
for (const [i, [, of]] of rows.entries()) ofVersions[of] = (ofVersions[of] ?? 0) | (1 << i)

/** The one way that a peer says flows in; `nxm` and `tableId` are of 1.0. */
export const protocolSpoken = (version: Version, nxm: boolean, tableId: boolean): Protocols =>
  version === 1 ? 1 << ((nxm ? 2 : 0) + (tableId ? 1 : 0)) : protocolsOf(version)

/** The preferred one of a set, or undefined if the set is empty. */
export const chosenProtocol = (protocols: Protocols): { name: string; version: Version; nxm: boolean } | undefined => {
  const i = rows.findIndex((_, bit) => ((protocols >> bit) & 1) === 1)
  const row = rows[i]
  return row === undefined ? undefined : { name: row[0], version: row[1], nxm: row[0].startsWith('NXM') }
}

const versions: Record<string, Version> = {
  OpenFlow10: 1,
  OpenFlow11: 2,
  OpenFlow12: 3,
  OpenFlow13: 4,
  OpenFlow14: 5,
  OpenFlow15: 6,
}

/** Reads the list of `-O`; an unknown name is returned as text. */
export const parseVersions = (text: string): Version[] | string => {
  const out: Version[] = []
  for (const name of text.split(/[, ]+/).filter(part => part !== '')) {
    const version = Object.entries(versions).find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1]
    if (version === undefined) return name
    out.push(version)
  }
  return out
}

/** `OF1.3` as in message headers. */
export const versionName = (version: Version): string => `OF1.${version - 1}`
