import {
  addBridge,
  addVlan,
  failed,
  type Link,
  type LinkOptions,
  made,
  type Namespace,
  type Result,
} from '../../../../host/index.ts'
import { kernelRefusal, Refusal } from '../refusal.ts'
import { applyBridgeWishes, readBridgeWords } from './bridge-words.ts'
import { type IpCall, type IpObject, linkNamed, shownLink, unknownCommand } from './call.ts'
import { jsonList } from './json.ts'
import { masterNamed, setLink, setMaster } from './link-set.ts'
import { briefLink, isOfType, linkRecord, linkText } from './link-text.ts'
import { macOf, namespaceNamed, number } from './link-words.ts'
import { oneLine } from './one-line.ts'
import { linkHelp, vethHelp } from './usage.ts'
import { readVlanWords } from './vlan-words.ts'
import { abbreviated, garbage, type Words } from './words.ts'

const commands = ['add', 'set', 'change', 'replace', 'delete', 'show', 'list', 'lst', 'help'] as const

/** `ip link`. */
export const link: IpObject = call => {
  const word = call.words.next() ?? 'show'
  switch (abbreviated(word, commands)) {
    case 'add':
    case 'replace':
      return addLink(call)
    case 'set':
    case 'change':
      return setLink(call)
    case 'delete':
      return deleteLink(call)
    case 'show':
    case 'list':
    case 'lst':
      return showLinks(call)
    case 'help':
      throw new Refusal(linkHelp, 255)
    default:
      throw unknownCommand(word, 'link')
  }
}

const showLinks = (call: IpCall): string => {
  const { words, namespace, options } = call
  let device: string | undefined
  let type: string | undefined
  let master: string | undefined
  let up = false
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === 'up') up = true
    else if (word === 'type') type = words.need()
    else if (word === 'master') master = words.need()
    else if (word === 'group') words.need()
    else {
      const name = word === 'dev' ? words.need() : word
      if (device !== undefined) throw garbage(name)
      device = name
    }
  }
  const chosen = (device === undefined ? namespace.links.all() : [shownLink(namespace, device)]).filter(
    each => (type === undefined || isOfType(each, type)) && (master === undefined || each.master === master),
  )
  const view = { addr: false, hardware: true }
  if (options.json)
    return jsonList(
      chosen.map(each => (up && !each.up ? {} : linkRecord(call, each, view))),
      options.pretty,
    )
  return chosen
    .filter(each => !up || each.up)
    .map(each => (options.brief ? briefLink(each) : oneLine(linkText(call, each, view), options.oneline)))
    .join('')
}

const deleteLink = ({ words, namespace }: IpCall): string => {
  const first = words.next()
  const name = first === 'dev' ? words.need() : first
  if (name === undefined) throw new Refusal('Not enough information: "dev" argument is required.', 255)
  if (words.peek === 'type') words.rest()
  const removed = namespace.links.remove(linkNamed(namespace, name))
  if (!removed.ok) throw kernelRefusal(removed)
  return ''
}

/** One end of a new link, as far as the words before `type` or behind `peer` say. */
type End = {
  name: string | undefined
  namespace: Namespace
  options: LinkOptions
  kind: string | undefined
  /** What a VLAN is of. */
  lower?: Link
  master?: Link
  up?: boolean
}

const addLink = (call: IpCall): string => {
  const { words, namespace } = call
  const end = readEnd(call, words)
  if (end.kind === undefined) throw new Refusal('Not enough information: "type" argument is required', 1)
  if (end.kind === 'veth') return addVeth(call, end)
  const adder = Object.hasOwn(adders, end.kind) ? adders[end.kind] : undefined
  if (adder === undefined) throw new Refusal('Error: Unknown device type.', 2)
  const add = adder(call, end)
  const name = end.name ?? freeName(namespace, end.kind)
  if (name.length > 15) throw new Refusal('Error: Attribute failed policy validation.', 2)
  const added = add(name)
  if (!added.ok) throw kernelRefusal(added)
  if (end.master !== undefined) settle(setMaster(added.value, end.master))
  if (end.up) settle(added.value.setUp(true))
  return ''
}

const settle = (result: Result): void => {
  if (!result.ok) throw kernelRefusal(result)
}

/** Each reads the words behind its type before anything is made. */
const adders: Readonly<Record<string, (call: IpCall, end: End) => (name: string) => Result<Link>>> = {
  dummy:
    (_, { namespace, options }) =>
    name =>
      namespace.links.add('dummy', name, options),
  bridge: ({ words }, { namespace, options }) => {
    const wishes = readBridgeWords(words)
    return name => {
      const bridge = addBridge(namespace, name, options)
      if (!bridge.ok) return bridge
      const set = applyBridgeWishes(bridge.value, wishes)
      if (set.ok) return made(bridge.value.link)
      namespace.links.remove(bridge.value.link)
      return set
    }
  },
  vlan: ({ words }, { namespace, options, lower }) => {
    const id = readVlanWords(words)
    if (lower === undefined) return () => failed('EINVAL', 'Link device is not specified.')
    return name => addVlan(namespace.links, lower, name, id, options)
  },
}

const addVeth = (call: IpCall, end: End): string => {
  const { words, namespace } = call
  let peer: End = { name: undefined, namespace: end.namespace, options: {}, kind: undefined }
  const word = words.next()
  if (word === 'peer') peer = readEnd(call, words, end.namespace)
  else if (word !== undefined) throw new Refusal(vethHelp, 1)
  const name = end.name ?? freeName(namespace, 'veth')
  const peerName = peer.name ?? freeName(peer.namespace, 'veth', name)
  if (name.length > 15 || peerName.length > 15) throw new Refusal('Error: Attribute failed policy validation.', 2)
  const added = end.namespace.links.addVeth(name, peerName, peer.namespace.links, end.options, peer.options)
  if (!added.ok) throw kernelRefusal(added)
  return ''
}

const readEnd = (call: IpCall, words: Words, home = call.namespace): End => {
  const end: End = { name: undefined, namespace: home, options: {}, kind: undefined }
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === 'type') {
      end.kind = words.need()
      return end
    }
    if (word === 'netns') end.namespace = namespaceNamed(call, words.need())
    else if (word === 'link') end.lower = linkNamed(call.namespace, words.need())
    else if (word === 'master') end.master = masterNamed(call.namespace, words.need())
    else if (word === 'up') end.up = true
    else if (word === 'mtu') end.options.mtu = number(words.need(), 'mtu')
    else if (word === 'index') end.options.index = number(words.need(), 'index')
    else if (word === 'txqueuelen' || word === 'qlen') end.options.txQueueLength = number(words.need(), 'txqueuelen')
    else if (word === 'address') end.options.mac = macOf(words.need())
    else if (word === 'numtxqueues' || word === 'numrxqueues') number(words.need(), word)
    else {
      const name = word === 'name' || word === 'dev' ? words.need() : word
      if (end.name !== undefined) throw garbage(name, 'name')
      end.name = name
    }
  }
  return end
}

/** The first of `veth0`, `veth1`… that is free, as the kernel chooses. */
const freeName = (namespace: Namespace, prefix: string, taken?: string): string => {
  for (let i = 0; ; i++) {
    const name = `${prefix}${i}`
    if (name !== taken && namespace.links.get(name) === undefined) return name
  }
}
