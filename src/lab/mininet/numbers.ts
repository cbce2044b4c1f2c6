/** Addresses as Mininet counts them, and names as it sorts them. */

/** `00:00:00:00:00:0a` of 10. */
export const macColonHex = (value: number): string =>
  (value.toString(16).padStart(12, '0').match(/../g) as string[]).join(':')

/** `10.0.0.1` of the number. */
export const ipStr = (ip: number): string => [24, 16, 8, 0].map(shift => (ip >>> shift) & 255).join('.')

/** The number of an address. With fewer than four parts the last is the host's: `10.1` is 10.0.0.1. */
export const ipParse = (text: string): number => {
  const parts = text.split('.').map(Number)
  if (parts.length > 4 || parts.some(part => !Number.isInteger(part) || part < 0 || part > 255))
    throw new Error(`'${text}' is no IPv4 address`)
  while (parts.length < 4) parts.splice(parts.length - 1, 0, 0)
  return parts.reduce((sum, part) => (sum * 256 + part) >>> 0, 0)
}

/** Address and length of `10.0.0.0/8`; a length that is not given is 24. */
export const netParse = (text: string): { base: number; prefixLen: number } => {
  const [ip = '', length = '24'] = text.split('/')
  const prefixLen = Number(length)
  if (!/^\d+$/.test(length) || prefixLen > 32) throw new Error(`'${text}' is no IPv4 network`)
  return { base: ipParse(ip), prefixLen }
}

/** The `i`th address of a network. */
export const ipAdd = (i: number, prefixLen = 8, base = 0x0a000000): string => {
  const most = prefixLen === 0 ? 0xffffffff : 2 ** (32 - prefixLen) - 1
  if (i > most) throw new Error('Not enough IP addresses in the subnet')
  return ipStr((((base & ~most) >>> 0) + i) >>> 0)
}

const parts = (text: string): string[] => text.split(/(\d+)/)

/** Sorts as people do: `h2` before `h10`. */
export const natural = (a: string, b: string): number => {
  const [left, right] = [parts(a), parts(b)]
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [one, other] = [left[i] as string, right[i] as string]
    const difference = i % 2 === 1 ? Number(one) - Number(other) : one < other ? -1 : one > other ? 1 : 0
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** As `natural`, part for part. */
export const naturalSeq = (a: readonly string[], b: readonly string[]): number => {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = natural(a[i] as string, b[i] as string)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}
