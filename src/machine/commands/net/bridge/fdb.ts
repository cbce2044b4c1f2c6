/** `bridge fdb`. */
import {
  bridgeOf,
  bridgePortOf,
  deviceMacs,
  errnoText,
  type FdbEntry,
  givenMacs,
  type Link,
  type Namespace,
} from '../../../../host/index.ts'
import { second } from '../../../../runtime/index.ts'
import { formatMac, type Mac, parseMac } from '../../../../wire/address.ts'
import { type Json, jsonList } from '../ip/json.ts'
import { abbreviated } from '../ip/words.ts'
import { Refusal } from '../refusal.ts'
import { type BridgeCall, deviceNamed, kernelSays } from './call.ts'

/** A row of the listing. */
type Row = { mac: Mac; dev: string; master: string | undefined; state: string; used: string | undefined }

const stateOf = ({ isLocal, isStatic }: FdbEntry): string => (isLocal ? 'permanent' : isStatic ? 'static' : '')

const rowsOf = ({ namespace }: BridgeCall, link: Link): Row[] => {
  const bridge = bridgeOf(link) ?? bridgePortOf(link)?.bridge
  const port = bridgePortOf(link)?.port
  const now = link.owner.now()
  const ago = (time: number): number => Math.trunc((now - time) / second)
  const own = deviceMacs(link, namespace.groups).map(
    (mac): Row => ({ mac, dev: link.name, master: undefined, state: 'permanent', used: undefined }),
  )
  const learned = (bridge?.fdb.list(now, bridge.holding) ?? [])
    .filter(entry => entry.port === port)
    .map(
      (entry): Row => ({
        mac: entry.mac,
        dev: link.name,
        master: bridge?.link.name,
        state: stateOf(entry),
        used: `${ago(entry.used)}/${ago(entry.updated)}`,
      }),
    )
  return link.kind === 'bridge' ? [...own, ...learned] : [...learned, ...own]
}

const rowText = ({ options }: BridgeCall, { mac, dev, master, state, used }: Row, named: boolean): string => {
  const where = named ? ` dev ${dev}` : ''
  const ages = options.statistics && used !== undefined ? ` used ${used}` : ''
  return `${formatMac(mac)}${where}${ages} ${master === undefined ? 'self' : `master ${master}`} ${state}\n`
}

const rowRecord = ({ options }: BridgeCall, { mac, dev, master, state, used }: Row, named: boolean): Json => {
  const [usedAgo = 0, updatedAgo = 0] = used?.split('/').map(Number) ?? []
  return {
    mac: formatMac(mac),
    ...(named ? { ifname: dev } : {}),
    ...(options.statistics && used !== undefined ? { used: usedAgo, updated: updatedAgo } : {}),
    flags: master === undefined ? ['self'] : [],
    ...(master === undefined ? {} : { master }),
    state,
  }
}

const bridgeDevice = (namespace: Namespace, name: string): Link => {
  const link = namespace.links.get(name)
  if (link === undefined) throw new Refusal(`Cannot find bridge device "${name}"`, 255)
  return link
}

const show = (call: BridgeCall): string => {
  const { words, namespace, options } = call
  let device: Link | undefined
  let bridge: Link | undefined
  let state: string | undefined
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === 'br') {
      bridge = bridgeDevice(namespace, words.need())
    } else if (word === 'dynamic') state = 'dynamic'
    else if (word === 'state') state = words.need()
    else device = deviceNamed(namespace, word === 'brport' || word === 'dev' ? words.need() : word)
  }
  const isWanted = (link: Link): boolean =>
    (device === undefined || link === device) &&
    (bridge === undefined || link === bridge || bridgePortOf(link)?.bridge.link === bridge)
  // Who names a bridge in the place of a device is shown all.
  const all = device !== undefined && device.kind === 'bridge' && bridge === undefined
  const rows = namespace.links
    .all()
    .filter(link => all || isWanted(link))
    .flatMap(link => rowsOf(call, link))
    .filter(
      row =>
        state === undefined ||
        state === 'all' ||
        (state === 'dynamic' ? row.state !== 'permanent' : row.state === state),
    )
  const named = device === undefined || all
  if (options.json)
    return jsonList(
      rows.map(row => rowRecord(call, row, named)),
      options.pretty,
    )
  return rows.map(row => rowText(call, row, named)).join('')
}

/** What `add`, `append`, `replace` and `del` are told. */
type Change = { mac: Mac; link: Link; self: boolean; master: boolean; state: 'permanent' | 'static' | 'dynamic' }

const readChange = ({ words, namespace }: BridgeCall): Change => {
  let address: string | undefined
  let device: string | undefined
  const flags = { self: false, master: false }
  let state: Change['state'] = 'permanent'
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === 'dev') device = words.need()
    else if (word === 'self' || word === 'master') flags[word] = true
    else if (word === 'local' || word === 'permanent') state = 'permanent'
    else if (word === 'static' || word === 'temp') state = 'static'
    else if (word === 'dynamic') state = 'dynamic'
    else address = word === 'to' ? words.need() : word
  }
  if (device === undefined || address === undefined)
    throw new Refusal('Device and address are required arguments.', 255)
  const mac = parseMac(address)
  if (mac === undefined) throw new Refusal(`Invalid mac address ${address}`, 255)
  return { mac, link: deviceNamed(namespace, device), ...flags, self: flags.self || !flags.master, state }
}

const change = (call: BridgeCall, how: 'add' | 'replace' | 'del'): string => {
  const { mac, link, self, master, state } = readChange(call)
  const held = bridgePortOf(link)
  const bridge = (master ? held?.bridge : undefined) ?? (self ? bridgeOf(link) : undefined)
  if (bridge === undefined) {
    if (master) throw kernelSays('EOPNOTSUPP')
    const macs = givenMacs(link)
    if (how === 'add' && macs.has(mac)) throw kernelSays('EEXIST')
    if (how === 'del' && !macs.delete(mac)) throw kernelSays('ENOENT')
    if (how !== 'del') macs.add(mac)
    return ''
  }
  const now = link.owner.now()
  const port = master ? held?.port : undefined
  const known = bridge.fdb.find(mac, now, bridge.holding)
  if (how === 'del') {
    if (known === undefined || known.port !== port) throw kernelSays('ENOENT')
    bridge.fdb.delete(mac)
    return ''
  }
  if (how === 'add' && known !== undefined) throw kernelSays('EEXIST')
  const isLocal = state === 'permanent'
  const entry = { mac, port, isLocal, isStatic: state !== 'dynamic', byHand: true, updated: now, used: now }
  bridge.fdb.set(entry)
  return ''
}

const get = (call: BridgeCall): string => {
  const { words, namespace } = call
  let address: string | undefined
  let name: string | undefined
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === 'br' || word === 'dev' || word === 'brport') name = words.need()
    else address = word === 'to' ? words.need() : word
  }
  if (address === undefined || name === undefined) throw new Refusal('Device and address are required arguments.', 255)
  const mac = parseMac(address)
  if (mac === undefined) throw new Refusal(`Invalid mac address ${address}`, 255)
  const link = deviceNamed(namespace, name)
  const bridge = bridgeOf(link) ?? bridgePortOf(link)?.bridge
  const now = link.owner.now()
  const entry = bridge?.fdb.find(mac, now, bridge.holding)
  if (entry === undefined) throw new Refusal('Error: Fdb entry not found.', 254)
  const dev = entry.port?.link.name ?? bridge?.link.name ?? ''
  return rowText(call, { mac, dev, master: bridge?.link.name, state: stateOf(entry), used: undefined }, true)
}

const flush = ({ words, namespace }: BridgeCall): string => {
  const word = words.need()
  const link = bridgeDevice(namespace, word === 'dev' ? words.need() : word)
  const held = bridgePortOf(link)
  const bridge = bridgeOf(link) ?? held?.bridge
  if (bridge === undefined) throw new Refusal(`RTNETLINK answers: ${errnoText.EOPNOTSUPP}`, 255)
  bridge.fdb.flush(held?.port, true)
  return ''
}

export const fdb = (call: BridgeCall): string => {
  const word = call.words.next() ?? 'show'
  const names = ['add', 'append', 'replace', 'delete', 'get', 'show', 'lst', 'list', 'flush', 'help'] as const
  switch (abbreviated(word, names)) {
    case 'add':
      return change(call, 'add')
    case 'append':
    case 'replace':
      return change(call, 'replace')
    case 'delete':
      return change(call, 'del')
    case 'get':
      return get(call)
    case 'show':
    case 'lst':
    case 'list':
      return show(call)
    case 'flush':
      return flush(call)
    default:
      throw new Refusal(`Command "${word}" is unknown, try "bridge fdb help".`, 255)
  }
}
