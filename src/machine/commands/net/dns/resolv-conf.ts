import { type Ip, parseIp } from '../../../../wire/address.ts'
import type { Process } from '../../../command.ts'

/** resolv.conf(5); `timeout` in seconds. */
export type ResolvConf = {
  servers: Ip[]
  search: string[]
  /** How many dots a name has that is tried as it is first. */
  dots: number
  timeout: number
  attempts: number
  rotate: boolean
}

/** At most three servers count, as in glibc. */
const mostServers = 3

export const readResolvConf = (process: Process): ResolvConf => {
  const conf: ResolvConf = { servers: [], search: [], dots: 1, timeout: 5, attempts: 2, rotate: false }
  const text = process.machine.files.readText(process, '/etc/resolv.conf')
  for (const line of text.ok ? text.value.split('\n') : []) {
    const [word, ...rest] = line.trim().split(/\s+/)
    const ip = parseIp(rest[0] ?? '')
    if (word === 'nameserver' && ip !== undefined && conf.servers.length < mostServers) conf.servers.push(ip)
    else if (word === 'search' || word === 'domain') conf.search = word === 'search' ? rest : rest.slice(0, 1)
    else if (word === 'options') for (const option of rest) takeOption(conf, option)
  }
  return conf
}

const takeOption = (conf: ResolvConf, option: string): void => {
  const [name, value = ''] = option.split(':')
  const number = /^\d+$/.test(value) ? Number(value) : undefined
  if (name === 'rotate') conf.rotate = true
  if (number === undefined) return
  if (name === 'ndots') conf.dots = Math.min(number, 15)
  if (name === 'timeout') conf.timeout = Math.max(1, Math.min(number, 30))
  if (name === 'attempts') conf.attempts = Math.max(1, Math.min(number, 5))
}

/** A name as it is tried, one after the other: with what is searched behind it, and as it is. All end in a dot. */
export const tries = (name: string, { search, dots }: Pick<ResolvConf, 'search' | 'dots'>): string[] => {
  if (name.endsWith('.')) return [name]
  const plain = `${name}.`
  const searched = search.map(domain => (domain === '.' ? plain : `${name}.${domain.replace(/\.$/, '')}.`))
  const isWhole = name.split('.').length - 1 >= dots
  return [...new Set(isWhole ? [plain, ...searched] : [...searched, plain])]
}
