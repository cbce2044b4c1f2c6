import { type RouteProtocol, type RouteScope, RouteTable, type RouteType } from '../../../../host/index.ts'
import { wholeNumber, wrong } from './words.ts'

const scopes: Record<string, RouteScope> = {
  global: 'global',
  universe: 'global',
  site: 'site',
  link: 'link',
  host: 'host',
  nowhere: 'nowhere',
  0: 'global',
  200: 'site',
  253: 'link',
  254: 'host',
  255: 'nowhere',
}
const protocols: readonly RouteProtocol[] = ['unspec', 'redirect', 'kernel', 'boot', 'static', 'ra', 'dhcp']
const types: readonly RouteType[] = [
  'unicast',
  'local',
  'broadcast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
]

/** A scope by its name or number (/etc/iproute2/rt_scopes). `why` is what is said of a wrong one. */
export const scopeNamed = (word: string, why = 'invalid "scope" value\n'): RouteScope => {
  const scope = Object.hasOwn(scopes, word) ? scopes[word] : undefined
  if (scope === undefined) throw wrong(word, why)
  return scope
}

/** Who made a route, by its name (/etc/iproute2/rt_protos). */
export const protocolNamed = (word: string, why = '"protocol" value is invalid\n'): RouteProtocol => {
  const protocol = protocols.find(name => name === word)
  if (protocol === undefined) throw wrong(word, why)
  return protocol
}

/** Undefined for a word that is no type of route. */
export const typeNamed = (word: string): RouteType | undefined => types.find(name => name === word)

/** A table by its name or number; `all` is undefined (/etc/iproute2/rt_tables). */
export const tableNamed = (word: string): number | undefined => {
  if (word === 'all') return undefined
  const id = Object.hasOwn(RouteTable, word) ? RouteTable[word as keyof typeof RouteTable] : wholeNumber(word)
  if (id === undefined) throw wrong(word, '"table" value is invalid\n')
  return id
}
