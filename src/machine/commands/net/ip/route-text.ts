import { type Route, RouteTable } from '../../../../host/index.ts'
import { second } from '../../../../runtime/index.ts'
import { formatIp, isIp6 } from '../../../../wire/address.ts'
import type { Json } from './json.ts'
import { formatPrefix } from './prefix.ts'

/** Fields that are left out because the listing was chosen by them. */
export type Hidden = { dev?: boolean; via?: boolean; scope?: boolean; protocol?: boolean; table?: boolean }

const tableName = (id: number): string =>
  Object.entries(RouteTable).find(([, number]) => number === id)?.[0] ?? String(id)

const flagsOf = (route: Route): string[] => {
  const flags = route.onlink ? ['onlink'] : []
  if (route.link?.up && !route.link.carrier && route.table !== RouteTable.local) flags.push('linkdown')
  return flags
}

/** What is known of a route, named as in JSON and in the order in which both forms have it. */
const fieldsOf = (route: Route, hidden: Hidden, details: boolean): Record<string, string | number> => {
  const six = isIp6(route.dst)
  const fields: Record<string, string | number> = {}
  if (route.via !== undefined && !hidden.via) fields.gateway = formatIp(route.via)
  if (route.link !== undefined && !hidden.dev) fields.dev = route.link.name
  if (!hidden.table && (route.table !== RouteTable.main || details)) fields.table = tableName(route.table)
  if (!hidden.protocol && (route.protocol !== 'boot' || details)) fields.protocol = route.protocol
  if (!hidden.scope && ((!six && route.scope !== 'global') || details)) fields.scope = six ? 'global' : route.scope
  if (route.src !== undefined) fields.prefsrc = formatIp(route.src)
  if (six || route.metric !== 0) fields.metric = route.metric
  return fields
}

const words: Record<string, string> = { gateway: 'via', protocol: 'proto', prefsrc: 'src' }

/** `10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1 \n` */
export const routeText = (route: Route, now: number, hidden: Hidden = {}, details = false): string => {
  const { type, dst, length, mtu, expires } = route
  const fields = Object.entries(fieldsOf(route, hidden, details)).map(
    ([name, value]) => `${words[name] ?? name} ${value} `,
  )
  const flags = flagsOf(route).map(flag => `${flag} `)
  const typed = type === 'unicast' && !details ? '' : `${type} `
  const rest = [
    ...(mtu === undefined ? [] : [`mtu ${mtu} `]),
    ...(expires === undefined ? [] : [`expires ${secondsLeft(expires, now)}sec `]),
    ...(isIp6(dst) ? ['pref medium'] : []),
  ]
  return `${typed}${formatPrefix(dst, length)} ${[...fields, ...flags, ...rest].join('')}\n`
}

const secondsLeft = (until: number, now: number): number => Math.max(0, Math.floor((until - now) / second))

/** A route as `ip -j route` shows it. */
export const routeRecord = (route: Route, now: number, hidden: Hidden = {}, details = false): Json => {
  const { type, dst, length, mtu, expires } = route
  return {
    ...(type === 'unicast' && !details ? {} : { type }),
    dst: formatPrefix(dst, length),
    ...fieldsOf(route, hidden, details),
    flags: flagsOf(route),
    ...(mtu === undefined ? {} : { metrics: [{ mtu }] }),
    ...(expires === undefined ? {} : { expires: secondsLeft(expires, now) }),
    ...(isIp6(dst) ? { pref: 'medium' } : {}),
  }
}
