import { type Options, Topo } from '../topo.ts'
import { Place } from './place.ts'
import { dpidOf } from './switches.ts'

/** Of an object's keys those that are there, as texts. */
const texts = (place: Place, ...keys: readonly string[]): Record<string, string> => {
  const found: Record<string, string> = {}
  for (const key of keys) {
    const value = place.at(key)
    if (!value.isEmpty && value.value !== '') found[key] = value.text()
  }
  return found
}

const numbers = (place: Place, ...keys: readonly string[]): Record<string, number> => {
  const found: Record<string, number> = {}
  for (const key of keys) {
    const value = place.at(key)
    if (!value.isEmpty && value.value !== '') found[key] = value.number()
  }
  return found
}

const hostOf = (options: Place): Options => {
  const { defaultRoute, ...rest } = texts(options, 'ip', 'defaultRoute', 'cores')
  return { ...rest, ...(defaultRoute === undefined ? {} : { defaultRoute: `via ${defaultRoute}` }) }
}

/**
 * A topology of MiniEdit: what it saves in its `.mn` files. Hosts, switches and links with their options; what belongs to a run, as
 * controllers and start commands, is not a topology's. A legacy switch is one without a controller; legacy routers are refused.
 */
export const fromMiniEdit = (parsed: unknown): Topo<never[]> => {
  const file = new Place(parsed)
  const topo = new Topo<never[]>()
  for (const host of file.at('hosts').items()) {
    const options = host.at('opts')
    host.with(() => topo.addHost(options.at('hostname').text(), hostOf(options)))
  }
  for (const each of file.at('switches').items()) {
    const options = each.at('opts')
    const name = options.at('hostname').text()
    const type = options.at('switchType')
    if (type.value === 'legacyRouter') each.refuse(`${name} is a legacy router, of which there are none here`)
    const mode = type.value === 'legacySwitch' ? { failMode: 'standalone' } : {}
    each.with(() => topo.addSwitch(name, { ...dpidOf(topo, name), ...texts(options, 'dpid'), ...mode }))
  }
  for (const link of file.at('links').items()) {
    const given = link.at('opts')
    const options = given.isEmpty
      ? {}
      : { ...texts(given, 'delay', 'jitter'), ...numbers(given, 'bw', 'loss', 'max_queue_size') }
    link.with(() => topo.addLink(link.at('src').text(), link.at('dest').text(), options))
  }
  return topo
}
