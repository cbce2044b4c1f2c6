import { readFileSync } from 'node:fs'
import { endianness } from 'node:os'
import { type Ip, isIp6 } from '../wire/address.ts'

/**
 * Datagrams that the system dropped because the socket at this address and port did not read fast enough; undefined
 * where it does not tell (Linux does, in proc(5)'s `/proc/net/udp`).
 */
export const udpDrops = (local: Ip, port: number): number | undefined => {
  try {
    return dropsIn(readFileSync(isIp6(local) ? '/proc/net/udp6' : '/proc/net/udp', 'utf8'), local, port)
  } catch {
    return undefined
  }
}

/** The same from the file's text. `little` says how the system keeps numbers: it prints addresses as such words. */
export const dropsIn = (
  table: string,
  local: Ip,
  port: number,
  little: boolean = endianness() === 'LE',
): number | undefined => {
  const wanted = `${wordsOf(local)
    .map(word => hex(little ? swapped(word) : word, 8))
    .join('')}:${hex(port, 4)}`
  for (const line of table.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/)
    if (columns[1] === wanted) return Number(columns[12])
  }
  return undefined
}

const wordsOf = (ip: Ip): number[] =>
  isIp6(ip) ? [96n, 64n, 32n, 0n].map(shift => Number((ip >> shift) & 0xffffffffn)) : [ip]

const swapped = (word: number): number =>
  ((word & 255) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)

const hex = (value: number, digits: number): string => (value >>> 0).toString(16).toUpperCase().padStart(digits, '0')
