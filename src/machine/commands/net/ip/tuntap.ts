import type { Namespace } from '../../../../host/index.ts'
import { Refusal } from '../refusal.ts'
import { type IpCall, type IpObject, unknownCommand } from './call.ts'
import { jsonList } from './json.ts'
import { tuntapHelp } from './usage.ts'
import { abbreviated, garbage, type Words } from './words.ts'

const commands = ['add', 'delete', 'show', 'list', 'lst', 'help'] as const

/** `ip tuntap`: persistent taps. Tuns are refused, for nothing could be plugged in. */
export const tuntap: IpObject = call => {
  const word = call.words.next() ?? 'show'
  switch (abbreviated(word, commands)) {
    case 'add':
      return add(call)
    case 'delete':
      return remove(call)
    case 'show':
    case 'list':
    case 'lst':
      return show(call)
    case 'help':
      throw new Refusal(tuntapHelp, 255)
    default:
      throw unknownCommand(word, 'tuntap')
  }
}

const busy = 'ioctl(TUNSETIFF): Device or resource busy'
const invalid = 'ioctl(TUNSETIFF): Invalid argument'

const readTap = (words: Words): { mode: 'tun' | 'tap'; name: string | undefined } => {
  let mode: 'tun' | 'tap' | undefined
  let name: string | undefined
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === 'mode') {
      const kind = words.need()
      if (kind !== 'tun' && kind !== 'tap') throw new Refusal(`Unknown tunnel mode "${kind}"`, 255)
      mode = kind
    } else if (word === 'user' || word === 'group') words.need()
    else if (word === 'pi' || word === 'one_queue' || word === 'vnet_hdr' || word === 'multi_queue') continue
    else {
      const text = word === 'dev' || word === 'name' ? words.need() : word
      if (name !== undefined) throw garbage(text, 'name')
      if (text.length > 15) throw new Refusal(`Error: argument "${text}" is wrong: "name" not a valid ifname`, 255)
      name = text
    }
  }
  if (mode === undefined) throw new Refusal('You failed to specify a tunnel mode', 1)
  return { mode, name }
}

const add = ({ words, namespace }: IpCall): string => {
  const { mode, name } = readTap(words)
  if (mode === 'tun') throw new Refusal(invalid, 1)
  const there = name === undefined ? undefined : namespace.links.get(name)
  if (there !== undefined) throw new Refusal(there.kind === 'tap' ? busy : invalid, 1)
  if (!namespace.links.add('tap', name ?? freeTap(namespace)).ok) throw new Refusal(invalid, 1)
  return ''
}

/** A tap that is not there is made and then goes away again: nothing to see. */
const remove = ({ words, namespace }: IpCall): string => {
  const { mode, name } = readTap(words)
  const there = name === undefined ? undefined : namespace.links.get(name)
  if (there === undefined) return ''
  if (there.kind !== 'tap' || mode === 'tun') throw new Refusal(invalid, 1)
  namespace.links.remove(there)
  return ''
}

const freeTap = (namespace: Namespace): string => {
  for (let i = 0; ; i++) if (namespace.links.get(`tap${i}`) === undefined) return `tap${i}`
}

const show = ({ namespace, options }: IpCall): string => {
  const names = namespace.links
    .all()
    .filter(link => link.kind === 'tap')
    .map(link => link.name)
  if (options.json)
    return jsonList(
      names.map(ifname => ({ ifname, flags: ['tap', 'persist'] })),
      options.pretty,
    )
  return names.map(name => `${name}: tap persist\n`).join('')
}
