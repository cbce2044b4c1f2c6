import type { Address, AddressSpec, Link, RouteScope } from '../../../../host/index.ts'
import { formatIp, inPrefix, isIp6, mask4 } from '../../../../wire/address.ts'
import { matches } from '../../../shell/pattern.ts'
import { kernelRefusal, Refusal } from '../refusal.ts'
import { addressFlags, addressRecord, addressText, briefAddress, briefRecord, wantedAddresses } from './address-text.ts'
import { type IpCall, type IpObject, linkNamed, shownLink, unknownCommand } from './call.ts'
import { jsonList } from './json.ts'
import { briefStart, isOfType, linkRecord, linkText } from './link-text.ts'
import { oneLine } from './one-line.ts'
import { needAddress, needPrefix, type Prefix } from './prefix.ts'
import { scopeNamed } from './route-words.ts'
import { addressHelp } from './usage.ts'
import { abbreviated, garbage, wholeNumber, wrong } from './words.ts'

const commands = ['add', 'change', 'chg', 'replace', 'delete', 'show', 'list', 'lst', 'flush', 'help'] as const

/** `ip address`. */
export const address: IpObject = call => {
  const word = call.words.next() ?? 'show'
  switch (abbreviated(word, commands)) {
    case 'add':
      return add(call, false)
    case 'change':
    case 'chg':
    case 'replace':
      return add(call, true)
    case 'delete':
      return remove(call)
    case 'show':
    case 'list':
    case 'lst':
      return show(call)
    case 'flush':
      return flush(call)
    case 'help':
      throw new Refusal(addressHelp, 255)
    default:
      throw unknownCommand(word, 'address')
  }
}

type Asked = { link: Link; spec: AddressSpec; explicit: boolean; text: string }

const lifetime = (word: string, option: string): number | undefined => {
  if (word === 'forever') return undefined
  const value = wholeNumber(word)
  if (value === undefined) throw wrong(word, `${option} value`)
  return value
}

const readAddress = ({ words, namespace, options }: IpCall): Asked => {
  const { family } = options
  let local: Prefix | undefined
  let text = ''
  let peer: Prefix | undefined
  let device: string | undefined
  let brd: string | undefined
  const extra: Partial<AddressSpec> = {}
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === 'dev') device = words.need()
    else if (word === 'brd' || word === 'broadcast') brd = words.need()
    else if (word === 'peer' || word === 'remote') peer = needPrefix(words.need(), family)
    else if (word === 'scope') extra.scope = scopeNamed(words.need(), 'invalid scope value.')
    else if (word === 'label') extra.label = words.need()
    else if (word === 'valid_lft') extra.validLifetime = lifetime(words.need(), word) ?? Number.POSITIVE_INFINITY
    else if (word === 'preferred_lft')
      extra.preferredLifetime = lifetime(words.need(), word) ?? Number.POSITIVE_INFINITY
    else if (word === 'nodad') extra.noDad = true
    else if (word === 'noprefixroute') extra.noPrefixRoute = true
    else {
      text = word === 'local' ? words.need() : word
      if (local !== undefined) throw garbage(text, 'local')
      local = needPrefix(text, family)
    }
  }
  if (device === undefined) throw new Refusal('Not enough information: "dev" argument is required.', 1)
  const link = linkNamed(namespace, device)
  if (local === undefined) throw kernelRefusal({ ok: false, errno: 'EOPNOTSUPP' })
  const length = peer?.length ?? local.length
  const spec: AddressSpec = { ip: local.ip, length, ...extra, ...(peer === undefined ? {} : { peer: peer.ip }) }
  const ip = spec.peer ?? spec.ip
  if (brd !== undefined && !isIp6(ip)) {
    const automatic = brd === '+' ? ~mask4(length) | ip : brd === '-' ? ip & mask4(length) : undefined
    if (automatic === undefined) spec.broadcast = needAddress(brd, 4) as number
    else if (length < 31) spec.broadcast = automatic >>> 0
  }
  for (const time of ['validLifetime', 'preferredLifetime'] as const)
    if (spec[time] === Number.POSITIVE_INFINITY) delete spec[time]
  return { link, spec, explicit: local.explicit || peer !== undefined, text }
}

const add = (call: IpCall, replace: boolean): string => {
  const { link, spec } = readAddress(call)
  const there = call.namespace.addresses.of(link).find(a => a.ip === spec.ip && a.length === spec.length)
  if (replace && there !== undefined) {
    renew(call, there, spec)
    return ''
  }
  const added = call.namespace.addAddress(link, spec)
  if (!added.ok) throw kernelRefusal(added)
  return ''
}

/** `ip addr replace` of an address that is there changes its lifetimes. */
const renew = ({ process }: IpCall, there: Address, spec: AddressSpec): void => {
  const until = (seconds: number | undefined): number =>
    seconds === undefined ? Number.POSITIVE_INFINITY : process.clock.now() + seconds * 1e9
  there.validUntil = until(spec.validLifetime)
  there.preferredUntil = until(spec.preferredLifetime ?? spec.validLifetime)
}

const remove = (call: IpCall): string => {
  const { link, spec, explicit } = readAddress(call)
  const six = isIp6(spec.ip)
  if (!explicit && !six)
    call.warnings.push(
      'Warning: Executing wildcard deletion to stay compatible with old scripts.\n' +
        `         Explicitly specify the prefix length (${formatIp(spec.ip)}/32) to avoid this warning.\n` +
        '         This special behaviour is likely to disappear in further releases,\n' +
        '         fix your scripts!',
    )
  const removed = call.namespace.removeAddress(link, spec.ip, explicit || six ? spec.length : undefined)
  if (!removed.ok) throw kernelRefusal(removed)
  return ''
}

/** What `ip addr show` and `flush` choose by. */
type Filter = {
  device: string | undefined
  up: boolean
  scope: RouteScope | undefined
  to: Prefix | undefined
  label: string | undefined
  type: string | undefined
  master: string | undefined
  flags: string[]
}

const flagWords = ['permanent', 'dynamic', 'secondary', 'temporary', 'primary', 'tentative', 'deprecated', 'dadfailed']

const readFilter = ({ words, options }: IpCall): Filter => {
  const filter: Filter = {
    device: undefined,
    up: false,
    scope: undefined,
    to: undefined,
    label: undefined,
    type: undefined,
    master: undefined,
    flags: [],
  }
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === 'up') filter.up = true
    else if (word === 'scope') filter.scope = optionalScope(words.need())
    else if (word === 'to') filter.to = needPrefix(words.need(), options.family)
    else if (word === 'label') filter.label = words.need()
    else if (word === 'type') filter.type = words.need()
    else if (word === 'master') filter.master = words.need()
    else if (flagWords.includes(word.replace(/^-/, ''))) filter.flags.push(word)
    else {
      const name = word === 'dev' ? words.need() : word
      if (filter.device !== undefined) throw garbage(name)
      filter.device = name
    }
  }
  return filter
}

const optionalScope = (word: string): RouteScope | undefined =>
  word === 'all' ? undefined : scopeNamed(word, 'invalid "scope"\n')

const hasFlag = (a: Address, word: string, now: number): boolean => {
  const flags = addressFlags(a, now)
  if (word.startsWith('-')) return !hasFlag(a, word.slice(1), now)
  if (word === 'primary') return !flags.includes('secondary')
  if (word === 'permanent') return !flags.includes('dynamic')
  return flags.includes(word === 'temporary' ? 'secondary' : word)
}

const chosenBy = (call: IpCall, filter: Filter, link: Link): Address[] => {
  const now = call.process.clock.now()
  return wantedAddresses(call, call.namespace, link).filter(
    a =>
      (filter.scope === undefined || a.scope === filter.scope) &&
      (filter.to === undefined || inPrefix(a.ip, filter.to.ip, filter.to.length)) &&
      (filter.label === undefined || (!isIp6(a.ip) && matches(filter.label, a.label))) &&
      filter.flags.every(flag => hasFlag(a, flag, now)),
  )
}

const linksOf = ({ namespace }: IpCall, { device, type, master }: Filter): Link[] =>
  (device === undefined ? namespace.links.all() : [shownLink(namespace, device)]).filter(
    link => (type === undefined || isOfType(link, type)) && (master === undefined || link.master === master),
  )

const show = (call: IpCall): string => {
  const { options, namespace, process } = call
  const filter = readFilter(call)
  const now = process.clock.now()
  const network = options.family !== undefined || filter.to !== undefined || filter.label !== undefined
  const view = { addr: true, hardware: !network }
  const choosing = network || filter.flags.length > 0 || filter.scope !== undefined
  const entries = linksOf(call, filter)
    .map(link => ({ link, addresses: chosenBy(call, filter, link) }))
    .filter(
      ({ link, addresses }) =>
        addresses.length > 0 || !choosing || (!network && namespace.addresses.of(link).length === 0),
    )
  if (options.json) {
    const records = entries.map(({ link, addresses }) =>
      filter.up && !link.up
        ? {}
        : {
            ...linkRecord(call, link, view),
            addr_info: addresses.map(a => (options.brief ? briefRecord(a) : addressRecord(a, now))),
          },
    )
    return jsonList(records, options.pretty)
  }
  return entries
    .filter(({ link }) => !filter.up || link.up)
    .map(({ link, addresses }) => {
      if (options.brief) return `${briefStart(link)}${addresses.map(briefAddress).join('')}\n`
      const start = `${link.index}: ${link.name}`
      if (options.oneline) return addresses.map(a => `${start}${oneLine(addressText(a, now), true)}`).join('')
      const heading = filter.label === undefined ? linkText(call, link, view) : ''
      return heading + addresses.map(a => addressText(a, now)).join('')
    })
    .join('')
}

const flush = (call: IpCall): string => {
  if (call.words.peek === undefined) throw new Refusal('Flush requires arguments.', 1)
  const filter = readFilter(call)
  let count = 0
  for (const link of linksOf(call, filter)) {
    if (filter.up && !link.up) continue
    for (const a of chosenBy(call, filter, link)) if (call.namespace.removeAddress(link, a.ip, a.length).ok) count++
  }
  if (call.options.statistics === 0) return ''
  if (count === 0) return 'Nothing to flush.\n'
  return `\n*** Round 1, deleting ${count} addresses ***\n*** Flush is complete after 1 round ***\n`
}
