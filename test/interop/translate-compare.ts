import type { FieldName } from '../../src/flow/fields.ts'
import { parseIp6 } from '../../src/wire/address.ts'
import type { Fields } from './translate-cases.ts'

/** The names in a flow's text. */
export const namesOf = (text: string): Set<string> => new Set(text.split(',').map(part => part.split('=')[0] as string))

export const flooded = /FLOOD|ALL$|flooding/m

/** The steps of a trace and their reasons. Actions are left out: how they are written depends on the wire they came by. */
export const body = (trace: string): string[] =>
  trace
    .split('\nFinal flow')[0]!
    .split('\n')
    .slice(1)
    .filter(text => /^ *(->|>>|bridge|-+$|[0-9]+\. )/.test(text))

/** `10.0.0.1`, `fd00::1`, `00:00:00:00:00:01`, `0x5` and `5` as numbers. */
const numberOf = (text: string): bigint =>
  /::|^([0-9a-f]*:){7}/.test(text)
    ? BigInt(parseIp6(text) ?? -1n)
    : text.includes(':')
      ? BigInt(`0x${text.replaceAll(':', '')}`)
      : text.includes('.')
        ? text.split('.').reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
        : BigInt(text)

/** What a datapath calls the fields of a packet. */
const datapathNames: [string, FieldName][] = [
  ['eth.src', 'eth_src'],
  ['eth.dst', 'eth_dst'],
  ['ipv4.src', 'ip_src'],
  ['ipv4.dst', 'ip_dst'],
  ['ipv4.tos', 'nw_tos'],
  ['ipv4.ttl', 'nw_ttl'],
  ['arp.sip', 'arp_spa'],
  ['arp.tip', 'arp_tpa'],
  ['arp.op', 'arp_op'],
  ['arp.sha', 'arp_sha'],
  ['arp.tha', 'arp_tha'],
  ['ipv6.src', 'ipv6_src'],
  ['ipv6.dst', 'ipv6_dst'],
  ['ipv6.label', 'ipv6_label'],
  ['ipv6.tclass', 'nw_tos'],
  ['ipv6.hlimit', 'nw_ttl'],
  ['icmpv6.type', 'icmpv6_type'],
  ['icmpv6.code', 'icmpv6_code'],
  ['nd.target', 'nd_target'],
  ['nd.sll', 'nd_sll'],
  ['nd.tll', 'nd_tll'],
  ['tcp.src', 'tcp_src'],
  ['tcp.dst', 'tcp_dst'],
  ['udp.src', 'udp_src'],
  ['udp.dst', 'udp_dst'],
]

/** Datapath actions outside of each other's parentheses. */
export const splitActions = (actions: string): string[] => {
  const parts = ['']
  let depth = 0
  for (const character of actions) {
    if (character === '(') depth++
    if (character === ')') depth--
    if (character === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts
}

/** Which frames leave where, whatever the order in which ports are flooded. */
export const deliveries = (actions: string, packet: Fields): string[] => {
  const values = new Map(datapathNames.map(([name, field]) => [name, packet[field]?.[0] ?? 0n]))
  for (const name of ['ipv4.tos', 'ipv6.tclass'])
    values.set(name, (values.get(name) ?? 0n) | (packet.nw_ecn?.[0] ?? 0n))
  const tci = Number(packet.vlan_tci?.[0] ?? 0n)
  const tags = tci === 0 ? [] : [`push_vlan(vid=${tci & 0xfff},pcp=${(tci >> 13) & 7})`]
  // Only what leaves by a tunnel port sees it.
  let tunnel = ''
  const out: string[] = []
  for (const part of splitActions(actions)) {
    if (part === 'pop_vlan') tags.pop()
    else if (part.startsWith('push')) tags.push(part)
    else if (part.startsWith('set(tunnel(')) tunnel = part
    else if (part.startsWith('set')) {
      const [, group = '', inner = ''] = /^set\((\w+)\((.*)\)\)$/.exec(part) ?? []
      for (const item of inner.split(',')) {
        const [name, text = ''] = item.includes('=') ? item.split('=') : ['', item]
        const [value = '', mask] = text.split('/')
        const bits = mask === undefined ? -1n : numberOf(mask)
        const place = `${group}.${name}`
        values.set(place, ((values.get(place) ?? 0n) & ~bits) | (numberOf(value) & bits))
      }
    } else if (part !== 'drop') {
      const fields = [...values].filter(([, value]) => value !== 0n).sort()
      out.push(
        `${fields.map(([name, value]) => `${name}=${value.toString(16)}`).join(' ')} ${tags.join(' ')} ${part === '4789' ? tunnel : ''} > ${part}`,
      )
    }
  }
  return out.sort()
}
