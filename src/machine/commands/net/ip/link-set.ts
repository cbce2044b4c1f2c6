import { isLinkName, type Link, type Namespace, type Result } from '../../../../host/index.ts'
import { kernelRefusal, Refusal } from '../refusal.ts'
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
    else if (word === 'nomaster') continue
    else if (word === 'master') linkNamed(namespace, words.need())
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

/** Links of this kernel always resolve and always multicast: only that can be asked for. */
const ignored = (option: string, word: string): void => {
  if (!onOff(option, word) && option !== 'trailers') throw wrong(word, `"${option}" cannot be switched off here`)
}

const apply = (call: IpCall, link: Link, changes: Changes): void => {
  const { namespace, process } = call
  if (changes.mac !== undefined) check(link.setMac(changes.mac))
  if (changes.mtu !== undefined) check(link.setMtu(changes.mtu))
  if (changes.name !== undefined) check(namespace.links.rename(link, changes.name))
  if (changes.txQueueLength !== undefined) link.txQueueLength = changes.txQueueLength
  if (changes.alias !== undefined) link.alias = changes.alias
  if (changes.promiscuous !== undefined) link.promiscuous = changes.promiscuous
  if (changes.allMulticast !== undefined) link.allMulticast = changes.allMulticast
  if (changes.namespace !== undefined) check(process.machine.kernel.moveLink(link, changes.namespace))
  if (changes.up !== undefined) link.setUp(changes.up)
}

const check = (result: Result): void => {
  if (!result.ok) throw kernelRefusal(result)
}
