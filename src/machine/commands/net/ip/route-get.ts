import { type Path4, type Path6, type Route, RouteTable } from '../../../../host/index.ts'
import { second } from '../../../../runtime/index.ts'
import { formatIp, type Ip, isIp6 } from '../../../../wire/address.ts'
import { kernelRefusal, Refusal } from '../refusal.ts'
import { type IpCall, linkNamed } from './call.ts'
import { jsonList } from './json.ts'
import { needAddress, needPrefix } from './prefix.ts'

type Way = { dst: Ip; from: Ip | undefined; path: Path4 | Path6; route: Route | undefined }

/** `ip route get ADDRESS`: the way that a packet from here would take. */
export const getRoute = (call: IpCall): string => {
  const { words, namespace, options } = call
  let dst: Ip | undefined
  let from: Ip | undefined
  let device: string | undefined
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === 'from') from = needAddress(words.need(), options.family)
    else if (word === 'oif' || word === 'dev') device = words.need()
    else if (word === 'fibmatch' || word === 'connected' || word === 'notify') continue
    else if (['tos', 'mark', 'uid', 'ipproto', 'sport', 'dport'].includes(word)) words.need()
    else dst = needPrefix(word === 'to' ? words.need() : word, options.family).ip
  }
  if (dst === undefined) throw new Refusal('need at least a destination address', 1)
  const link = device === undefined ? undefined : linkNamed(namespace, device)
  const path = namespace.route(dst, from, link)
  if (typeof path === 'string') throw kernelRefusal({ ok: false, errno: path })
  const table = isIp6(dst) ? namespace.routes6 : namespace.routes4
  const way = { dst, from, path, route: table.lookup(dst, link === undefined ? {} : { link }) }
  if (options.json) return jsonList([isIp6(dst) ? record6(way) : record4(way)], options.pretty)
  return isIp6(dst) ? text6(call, way) : text4(call, way)
}

const castFlags = { local: ['local'], unicast: [], broadcast: ['local', 'brd'], multicast: ['local', 'mc'] } as const

/** What is known of the path's MTU, and for how long. */
const learnedMtu = ({ namespace, process }: IpCall, dst: Ip, mtu: number): string => {
  const until = namespace.pathMtu.until(dst)
  if (until === Number.POSITIVE_INFINITY) return ''
  return `expires ${Math.floor((until - process.clock.now()) / second)}sec mtu ${namespace.pathMtu.of(dst, mtu)} `
}

/** How long a redirect that led here still counts, unless the MTU's time was said already. */
const redirectTime = ({ namespace, process }: IpCall, dst: Ip): string => {
  const until = namespace.redirects4.find(dst)?.until
  return until === undefined ? '' : `expires ${Math.floor((until - process.clock.now()) / second)}sec `
}

const text4 = (call: IpCall, { dst, from, path }: Way): string => {
  const type = path.cast === 'unicast' ? '' : `${path.cast} `
  const source = from === undefined ? '' : ` from ${formatIp(from)}`
  const via = path.hop === dst ? '' : ` via ${formatIp(path.hop)}`
  const src = from === undefined ? ` src ${formatIp(path.src)}` : ''
  const redirected = call.namespace.redirects4.hop(dst, path.link) === path.hop
  const flags = redirected ? ['redirected'] : castFlags[path.cast]
  const learned = learnedMtu(call, dst, path.mtu) || (redirected ? redirectTime(call, dst) : '')
  const cache = flags.length === 0 ? `cache ${learned}` : `cache <${flags.join(',')}> ${learned}`
  return `${type}${formatIp(dst)}${source}${via} dev ${path.link.name}${src} uid 0 \n    ${cache}\n`
}

const text6 = (call: IpCall, { dst, path, route }: Way): string => {
  const type = path.cast === 'unicast' ? '' : `${path.cast} `
  const via = path.hop === dst ? '' : ` via ${formatIp(path.hop)}`
  const table = route?.table === RouteTable.local ? ' table local' : ''
  const protocol = route === undefined || route.protocol === 'boot' ? '' : ` proto ${route.protocol}`
  const metric = route?.metric ?? 0
  const start = `${type}${formatIp(dst)} from ::${via} dev ${path.link.name}${table}${protocol}`
  return `${start} src ${formatIp(path.src)} metric ${metric} ${learnedMtu(call, dst, path.mtu)}pref medium\n`
}

const record4 = ({ dst, from, path }: Way) => ({
  ...(path.cast === 'unicast' ? {} : { type: path.cast }),
  dst: formatIp(dst),
  ...(from === undefined ? {} : { from: formatIp(from) }),
  ...(path.hop === dst ? {} : { gateway: formatIp(path.hop) }),
  dev: path.link.name,
  ...(from === undefined ? { prefsrc: formatIp(path.src) } : {}),
  flags: [],
  uid: 0,
  cache: castFlags[path.cast],
})

const record6 = ({ dst, path, route }: Way) => ({
  ...(path.cast === 'unicast' ? {} : { type: path.cast }),
  dst: formatIp(dst),
  from: '::',
  ...(path.hop === dst ? {} : { gateway: formatIp(path.hop) }),
  dev: path.link.name,
  ...(route?.table === RouteTable.local ? { table: 'local' } : {}),
  ...(route === undefined || route.protocol === 'boot' ? {} : { protocol: route.protocol }),
  prefsrc: formatIp(path.src),
  metric: route?.metric ?? 0,
  flags: [],
  pref: 'medium',
})
