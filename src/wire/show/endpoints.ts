import { formatIp4, formatIp6 } from '../address.ts'
import { u32, u128 } from '../header.ts'
import type { Line } from './line.ts'

/** `source > destination` of the innermost IP header, each with a port if one is given. */
export const endpoints = (line: Line, src?: number, dst?: number): string => {
  const { bytes, ip, fragmented } = line
  const six = bytes[ip]! >> 4 === 6
  const [from, to] = six
    ? [formatIp6(u128.get(bytes, ip + 8)), formatIp6(u128.get(bytes, ip + 24))]
    : [formatIp4(u32.get(bytes, ip + 12)), formatIp4(u32.get(bytes, ip + 16))]
  if (src === undefined) return `${from} > ${to}`
  // Behind extension headers the addresses have been shown already.
  return fragmented ? `${src} > ${dst}` : `${from}.${src} > ${to}.${dst}`
}
