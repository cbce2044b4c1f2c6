import { type Ip, isIp6, parseIp } from '../../../wire/address.ts'
import type { Process } from '../../command.ts'

/** The lines of /etc/hosts: an address and its names. */
const hosts = (process: Process): { ip: Ip; names: string[] }[] => {
  const text = process.machine.files.readText(process, '/etc/hosts')
  if (!text.ok) return []
  return text.value.split('\n').flatMap(line => {
    const [address = '', ...names] = (line.split('#')[0] as string).trim().split(/\s+/)
    const ip = parseIp(address)
    return ip === undefined || names.length === 0 ? [] : [{ ip, names }]
  })
}

/** IPv4 as inet_aton(3) reads it: `127.1`, `0`, `10.0.0.1`; each part decimal, octal or hexadecimal. */
export const parseLoose4 = (text: string): number | undefined => {
  const parts = text.split('.')
  if (parts.length > 4 || parts.some(part => !/^(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)$/i.test(part))) return undefined
  const values = parts.map(part => (/^0[0-7]+$/.test(part) ? Number.parseInt(part, 8) : Number(part)))
  const last = values.pop() as number
  if (values.some(value => value > 255) || last >= 256 ** (4 - values.length)) return undefined
  return values.reduce((sum, value, i) => sum + value * 256 ** (3 - i), 0) + last
}

/** The address that a user wrote in digits; undefined for a name. */
export const numericIp = (text: string): Ip | undefined => (text.includes(':') ? parseIp(text) : parseLoose4(text))

/** The addresses of a name in /etc/hosts, those first that there is a route to, IPv6 before IPv4. */
export const addressesOfName = (process: Process, name: string, family?: 4 | 6): Ip[] => {
  const found = hosts(process)
    .filter(line => line.names.some(each => each.toLowerCase() === name.toLowerCase()))
    .map(line => line.ip)
    .filter(ip => family === undefined || isIp6(ip) === (family === 6))
  return reachableFirst(process, found)
}

/** Those first that there is a route to, IPv6 before IPv4; otherwise as they were. */
export const reachableFirst = (process: Process, ips: readonly Ip[]): Ip[] => {
  const reachable = (ip: Ip): number => (typeof process.namespace.route(ip) === 'string' ? 0 : isIp6(ip) ? 2 : 1)
  return [...ips].sort((a, b) => reachable(b) - reachable(a))
}

/** The first name of an address in /etc/hosts. */
export const nameOfAddress = (process: Process, ip: Ip): string | undefined =>
  hosts(process).find(line => line.ip === ip)?.names[0]
