/** Types of records and codes of answers by the names that DNS tools print. */
const types: Readonly<Record<number, string>> = {
  ...{ 1: 'A', 2: 'NS', 5: 'CNAME', 6: 'SOA', 12: 'PTR', 13: 'HINFO', 15: 'MX', 16: 'TXT', 17: 'RP', 28: 'AAAA' },
  ...{ 33: 'SRV', 35: 'NAPTR', 39: 'DNAME', 41: 'OPT', 43: 'DS', 46: 'RRSIG', 47: 'NSEC', 48: 'DNSKEY', 50: 'NSEC3' },
  ...{ 52: 'TLSA', 64: 'SVCB', 65: 'HTTPS', 99: 'SPF', 251: 'IXFR', 252: 'AXFR', 255: 'ANY', 257: 'CAA' },
}

/** `A`; a type without a name is `TYPE1234` (RFC 3597 §5). */
export const typeName = (type: number): string => types[type] ?? `TYPE${type}`

/** The number of a type; undefined for no type. */
export const typeOf = (text: string): number | undefined => {
  const upper = text.toUpperCase()
  const [, digits] = /^TYPE(\d+)$/.exec(upper) ?? []
  if (digits !== undefined && Number(digits) <= 65535) return Number(digits)
  const found = Object.entries(types).find(([, name]) => name === upper)
  return found === undefined ? undefined : Number(found[0])
}

const classes: Readonly<Record<number, string>> = { 1: 'IN', 3: 'CH', 4: 'HS', 254: 'NONE', 255: 'ANY' }

export const className = (number: number): string => classes[number] ?? `CLASS${number}`

export const classOf = (text: string): number | undefined => {
  const upper = text.toUpperCase() === 'CHAOS' ? 'CH' : text.toUpperCase()
  const found = Object.entries(classes).find(([, name]) => name === upper)
  return found === undefined ? undefined : Number(found[0])
}

const rcodes: Readonly<Record<number, string>> = {
  ...{ 0: 'NOERROR', 1: 'FORMERR', 2: 'SERVFAIL', 3: 'NXDOMAIN', 4: 'NOTIMP', 5: 'REFUSED', 6: 'YXDOMAIN' },
  ...{ 7: 'YXRRSET', 8: 'NXRRSET', 9: 'NOTAUTH', 10: 'NOTZONE' },
}

export const rcodeName = (rcode: number): string => rcodes[rcode] ?? `RESERVED${rcode}`
