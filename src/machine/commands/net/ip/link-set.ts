import {
  bridgeOf,
  bridgePortOf,
  done,
  failed,
  isLinkName,
  type Link,
  type Namespace,
  type Result,
} from '../../../../host/index.ts'
import { kernelRefusal, Refusal } from '../refusal.ts'
import {
  applyBridgeWishes,
  applyPortWishes,
  type BridgeWish,
  type PortWish,
  readBridgeWords,
  readPortWords,
} from './bridge-words.ts'
import { type IpCall, linkNamed } from './call.ts'
import { macOf, namespaceNamed, number } from './link-words.ts'
import { garbage, wrong } from './words.ts'

/** What `ip link set` was asked to change; what is undefined stays. */
type Changes = {
  up?: boolean
  mtu?: number
  mac?: number
  name?: string
  namespace?: Namespace
  promiscuous?: boolean
  allMulticast?: boolean
  txQueueLength?: number
  alias?: string
  /** The bridge that is to have the link; null for none. */
  master?: Link | null
  bridge?: readonly BridgeWish[]
  port?: readonly PortWish[]
}

/** `ip link set NAME …`. All the words are read before anything is changed. */
export const setLink = (call: IpCall): string => {
  const { words, namespace } = call
  const changes: Changes = {}
  let device: string | undefined
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === 'up') changes.up = true
    else if (word === 'down') changes.up = false
    else if (word === 'mtu') changes.mtu = number(words.need(), 'mtu')
    else if (word === 'address') changes.mac = macOf(words.need())
    else if (word === 'name') changes.name = nameOf(words.need())
    else if (word === 'netns') changes.namespace = namespaceNamed(call, words.need())
    else if (word === 'promisc') changes.promiscuous = onOff(word, words.need())
    else if (word === 'allmulticast') changes.allMulticast = onOff(word, words.need())
    else if (word === 'multicast' || word === 'arp' || word === 'trailers') ignored(word, words.need())
    else if (word === 'txqueuelen' || word === 'txqlen' || word === 'qlen')
      changes.txQueueLength = number(words.need(), 'txqueuelen')
    else if (word === 'alias') changes.alias = words.need()
    else if (word === 'nomaster') changes.master = null
    else if (word === 'master') changes.master = masterNamed(namespace, words.need())
    else if (word === 'type') readType(call, changes)
    else {
      const name = word === 'dev' ? words.need() : word
      if (device !== undefined) throw garbage(name)
      device = name
    }
  }
  if (device === undefined) throw new Refusal('Not enough information: "dev" argument is required.', 255)
  apply(call, linkNamed(namespace, device), changes)
  return ''
}

const nameOf = (word: string): string => {
  if (!isLinkName(word)) throw new Refusal(`Error: argument "${word}" is wrong: "name" not a valid ifname`, 255)
  return word
}

const onOff = (option: string, word: string): boolean => {
  if (word !== 'on' && word !== 'off')
    throw new Refusal(`Error: argument of "${option}" must be "on" or "off", not "${word}"`, 1)
  return word === 'on'
}

/** The link that `master NAME` means. */
export const masterNamed = (namespace: Namespace, word: string): Link => {
  const link = namespace.links.get(word)
  if (link === undefined) throw wrong(word, 'Device does not exist\n')
  return link
}

/** All that is left is of that type. */
const readType = ({ words }: IpCall, changes: Changes): void => {
  const type = words.need()
  if (type === 'bridge') changes.bridge = readBridgeWords(words)
  else if (type === 'bridge_slave') changes.port = readPortWords(words)
  else if (words.peek !== undefined) throw garbage(words.need())
}

/** `master` and `nomaster`: EOPNOTSUPP for a master that takes no ports, or gives none back. */
export const setMaster = (link: Link, master: Link | null): Result => {
  const held = bridgePortOf(link)
  if (held?.bridge.link === master) return done
  const bridge = master === null ? undefined : bridgeOf(master)
  if (held === undefined && link.master !== undefined) return failed('EOPNOTSUPP')
  held?.bridge.removePort(held.port)
  if (master === null) return done
  if (bridge === undefined) return failed('EOPNOTSUPP')
  const added = bridge.addPort(link)
  return added.ok ? done : added
}

/** What is set of the kind itself comes first, as in the kernel: who is no port yet has no cost. */
const applyKind = (link: Link, { bridge, port }: Changes): void => {
  if (bridge !== undefined && bridge.length > 0) {
    const itself = bridgeOf(link)
    check(itself === undefined ? failed('EOPNOTSUPP') : applyBridgeWishes(itself, bridge))
  }
  if (port === undefined || port.length === 0) return
  const held = bridgePortOf(link)
  check(held === undefined ? failed('EOPNOTSUPP') : applyPortWishes(held.bridge, held.port, port))
}

/** Links of this kernel always resolve and always multicast: only that can be asked for. */
const ignored = (option: string, word: string): void => {
  if (!onOff(option, word) && option !== 'trailers') throw wrong(word, `"${option}" cannot be switched off here`)
}

const apply = (call: IpCall, link: Link, changes: Changes): void => {
  const { namespace, process } = call
  applyKind(link, changes)
  if (changes.mac !== undefined) check(link.setMac(changes.mac))
  if (changes.mtu !== undefined) check(link.setMtu(changes.mtu))
  if (changes.name !== undefined) check(namespace.links.rename(link, changes.name))
  if (changes.txQueueLength !== undefined) link.txQueueLength = changes.txQueueLength
  if (changes.alias !== undefined) link.alias = changes.alias
  if (changes.promiscuous !== undefined) link.promiscuous = changes.promiscuous
  if (changes.allMulticast !== undefined) link.allMulticast = changes.allMulticast
  if (changes.namespace !== undefined) check(process.machine.kernel.moveLink(link, changes.namespace))
  if (changes.master !== undefined) check(setMaster(link, changes.master))
  if (changes.up !== undefined) check(link.setUp(changes.up))
}

const check = (result: Result): void => {
  if (!result.ok) throw kernelRefusal(result)
}
