import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { type Ip, parseIp } from '../wire/address.ts'

/** The MTU of the link that has an address, bytes; undefined where the system does not tell (it does on Linux). */
export const linkMtu = (local: Ip): number | undefined => {
  const name = linkOf(local)
  if (name === undefined) return undefined
  try {
    const mtu = Number(readFileSync(`/sys/class/net/${name}/mtu`, 'utf8'))
    return Number.isInteger(mtu) && mtu > 0 ? mtu : undefined
  } catch {
    return undefined
  }
}

const linkOf = (local: Ip): string | undefined => {
  const links = Object.entries(networkInterfaces())
  return links.find(([, addresses]) => addresses?.some(({ address }) => parseIp(address) === local))?.[0]
}
