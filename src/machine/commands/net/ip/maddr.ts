import { type Link, membershipsOf, multicastMacsOf, type Namespace } from '../../../../host/index.ts'
import { formatIp, formatMac } from '../../../../wire/address.ts'
import { Refusal } from '../refusal.ts'
import { type IpObject, type IpOptions, unknownCommand } from './call.ts'
import { type Json, jsonList } from './json.ts'
import { maddrHelp } from './usage.ts'
import { abbreviated, type Words } from './words.ts'

type Entry = { [key: string]: Json | undefined } & { users?: number }

const families = { 4: 'inet', 6: 'inet6' } as const

/** What a link listens to: MACs, groups of IPv4, groups of IPv6. */
const entriesOf = (namespace: Namespace, link: Link, family: IpOptions['family']): Entry[] => {
  const more = (users: number): { users?: number } => (users === 1 ? {} : { users })
  const macs: Entry[] =
    family === undefined
      ? multicastMacsOf(namespace, link).map(({ mac, users }) => ({ link: formatMac(mac), ...more(users) }))
      : []
  const groups = ([4, 6] as const)
    .filter(each => family === undefined || family === each)
    .flatMap(each =>
      membershipsOf(namespace, link, each).map(
        ({ group, users }): Entry => ({ family: families[each], address: formatIp(group), ...more(users) }),
      ),
    )
  return [...macs, ...groups]
}

const textOf = ({ link, family, address, users }: Entry): string => {
  const head = family === undefined ? `link  ${link}` : `${`${family}`.padEnd(5)} ${address}`
  return `\t${head}${users === undefined ? '' : ` users ${users}`}\n`
}

const wanted = (words: Words): string | undefined => {
  let name: string | undefined
  for (let word = words.next(); word !== undefined; word = words.next()) name = word === 'dev' ? words.need() : word
  return name
}

/** `ip maddr show`: what each link listens to. MACs by hand (`add`, `del`) there are none. */
export const maddr: IpObject = ({ namespace, options, words }) => {
  const word = words.next() ?? 'show'
  const command = abbreviated(word, ['add', 'delete', 'show', 'list', 'lst', 'help'])
  if (command === 'help') throw new Refusal(maddrHelp, 255)
  if (command === undefined || command === 'add' || command === 'delete') throw unknownCommand(word, 'maddr')
  const name = wanted(words)
  const links = namespace.links
    .all()
    .filter(link => name === undefined || link.name === name)
    .map(link => ({ link, entries: entriesOf(namespace, link, options.family) }))
    .filter(({ entries }) => entries.length > 0)
  if (options.json) {
    const list = links.map(({ link, entries }) => ({ ifindex: link.index, ifname: link.name, maddr: entries }))
    return jsonList(list, options.pretty)
  }
  return links
    .map(({ link: { index, name: device }, entries }) => {
      const head = `${index}:\t${device}`
      if (options.oneline) return entries.map(entry => `${head}\\${textOf(entry)}`).join('')
      return `${head}\n${entries.map(textOf).join('')}`
    })
    .join('')
}
