import type { Lease } from '../../../../host/dhcp/index.ts'
import { formatIp4, parseIp4 } from '../../../../wire/address.ts'
import type { Process } from '../../../command.ts'
import { dhcpOptionNames, optionText, optionValue } from './option-names.ts'

/** Leases as dhclient.leases(5) keeps them: one after the other, the last of an interface counts. */
export const leaseText = (process: Process, device: string, lease: Lease): string => {
  const lines = [`  interface "${device}";`, `  fixed-address ${formatIp4(lease.address)};`]
  const codes = Object.values(dhcpOptionNames).map(({ code }) => code)
  for (const [code, value] of [...lease.options].sort(([a], [b]) => codes.indexOf(a) - codes.indexOf(b))) {
    const text = optionText(code, value)
    lines.push(text === undefined ? `  option unknown-${code} ${[...value].map(hex).join(':')};` : `  option ${text};`)
  }
  for (const name of ['renew', 'rebind', 'expire'] as const) lines.push(`  ${name} ${timeText(process, lease[name])};`)
  return `lease {\n${lines.join('\n')}\n}\n`
}

const hex = (byte: number): string => byte.toString(16)

/** The weekday as a number and the time in UTC: `1 2026/11/23 22:42:46`. */
const timeText = (process: Process, time: number): string => {
  if (time === Number.POSITIVE_INFINITY) return 'never'
  const date = new Date(process.machine.wallTime() + (time - process.clock.now()) / 1e6)
  const [day, rest] = date.toISOString().slice(0, 19).split('T') as [string, string]
  return `${date.getUTCDay()} ${day.replaceAll('-', '/')} ${rest}`
}

const timeOf = (process: Process, text: string): number => {
  if (text.endsWith('never')) return Number.POSITIVE_INFINITY
  const [, day, rest] = /^\d (\d+\/\d+\/\d+) (\d+:\d+:\d+)$/.exec(text) ?? []
  const date = Date.parse(`${day?.replaceAll('/', '-')}T${rest}Z`)
  return process.clock.now() + (date - process.machine.wallTime()) * 1e6
}

/** The last lease of an interface; undefined if there is none, or no file, or it makes no sense. */
export const readLease = (process: Process, path: string, device: string): Lease | undefined => {
  const text = process.machine.files.readText(process, path)
  if (!text.ok) return undefined
  let last: Lease | undefined
  for (const [, body = ''] of text.value.matchAll(/^lease \{\n([\s\S]*?)^\}$/gm)) {
    const facts = new Map<string, string>()
    const options = new Map<number, Uint8Array>()
    for (const line of body.split('\n')) {
      const [, option, word = '', value = ''] = /^ {2}(option )?(\S+) (.*);$/.exec(line) ?? []
      if (option === undefined) facts.set(word, value)
      const known = option === undefined ? undefined : dhcpOptionNames[word]
      const bytes = known === undefined ? undefined : optionValue(word, value)
      if (known !== undefined && bytes !== undefined) options.set(known.code, bytes)
    }
    const address = parseIp4(facts.get('fixed-address') ?? '')
    const server = /option dhcp-server-identifier (\S+);/.exec(body)?.[1]
    if (facts.get('interface') !== `"${device}"` || address === undefined) continue
    const time = (name: string): number => timeOf(process, facts.get(name) ?? '')
    const times = { renew: time('renew'), rebind: time('rebind'), expire: time('expire') }
    last = { address, server: parseIp4(server ?? '') ?? 0, options, ...times }
  }
  return last
}
