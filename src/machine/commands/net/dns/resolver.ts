/**
 * What getaddrinfo(3) and getnameinfo(3) do: /etc/hosts first, then the servers of /etc/resolv.conf, or as /etc/nsswitch.conf has
 * it. A server that does not answer costs five seconds, and each is asked twice.
 */
import { second, type Task } from '../../../../runtime/index.ts'
import { formatIp, type Ip, isIp6 } from '../../../../wire/address.ts'
import { type Dns, DnsPort, DnsRcode, DnsType } from '../../../../wire/dns.ts'
import { parseName } from '../../../../wire/dns-name.ts'
import type { Process } from '../../../command.ts'
import { addressesOfName, nameOfAddress, reachableFirst } from '../names.ts'
import { exchange, questionOf } from './exchange.ts'
import { type ResolvConf, readResolvConf, tries } from './resolv-conf.ts'
import { reverseName } from './reverse-name.ts'

/** Why there is no address, in the words of gai_strerror(3). */
export const resolveErrors = {
  again: 'Temporary failure in name resolution',
  name: 'Name or service not known',
  data: 'No address associated with hostname',
} as const

export type Resolved = { ok: true; addresses: Ip[] } | { ok: false; why: keyof typeof resolveErrors }

/** `files` and `dns` in the order in which nsswitch.conf(5) has them. */
const sources = (process: Process): string[] => {
  const text = process.machine.files.readText(process, '/etc/nsswitch.conf')
  const line = text.ok ? /^hosts:(.*)$/m.exec(text.value)?.[1] : undefined
  return (line ?? 'files dns').split(/\s+/).filter(word => word === 'files' || word === 'dns')
}

/** The addresses of a name, those first that there is a route to. */
export function* resolveName(process: Process, name: string, family?: 4 | 6): Task<Resolved> {
  let why: keyof typeof resolveErrors = 'name'
  for (const source of sources(process)) {
    if (source === 'files') {
      const addresses = addressesOfName(process, name, family)
      if (addresses.length > 0) return { ok: true, addresses }
      continue
    }
    const found = yield* askServers(process, name, family)
    if (found.ok) return { ok: true, addresses: reachableFirst(process, found.addresses) }
    why = found.why
  }
  return { ok: false, why }
}

/** The name of an address, without its last dot. */
export function* resolveAddress(process: Process, ip: Ip): Task<string | undefined> {
  for (const source of sources(process)) {
    if (source === 'files') {
      const name = nameOfAddress(process, ip)
      if (name !== undefined) return name
      continue
    }
    const answered = yield* ask(process, readResolvConf(process), reverseName(ip), DnsType.PTR)
    const found = answered?.answers.find(({ type }) => type === DnsType.PTR)
    if (found?.data.kind === 'name') return found.data.name.replace(/\.$/, '')
  }
  return undefined
}

function* askServers(process: Process, name: string, family: 4 | 6 | undefined): Task<Resolved> {
  if (parseName(name) === undefined) return { ok: false, why: 'name' }
  const conf = readResolvConf(process)
  // Without a server there is none: whether the name exists is not known.
  let why: keyof typeof resolveErrors = 'name'
  for (const whole of tries(name, conf)) {
    const addresses: Ip[] = []
    let exists = false
    let unanswered = false
    for (const type of family === 4 ? [DnsType.A] : family === 6 ? [DnsType.AAAA] : [DnsType.A, DnsType.AAAA]) {
      const answered = yield* ask(process, conf, whole, type)
      if (answered === undefined) {
        unanswered = true
        break
      }
      if (answered.rcode === DnsRcode.noError) exists = true
      addresses.push(...addressesOf(answered, whole, type))
    }
    if (addresses.length > 0) return { ok: true, addresses }
    if (unanswered && !exists) return { ok: false, why: 'again' }
    if (exists) why = 'data'
  }
  return { ok: false, why }
}

/** The addresses of a name in an answer, through its aliases. */
const addressesOf = ({ answers }: Dns, name: string, type: number): Ip[] => {
  let owner = name.toLowerCase()
  for (let i = 0; i < 16; i++) {
    const alias = answers.find(record => record.type === DnsType.CNAME && record.name.toLowerCase() === owner)
    if (alias?.data.kind !== 'name') break
    owner = alias.data.name.toLowerCase()
  }
  return answers.flatMap(record =>
    record.type === type && record.name.toLowerCase() === owner && 'address' in record.data
      ? [record.data.address]
      : [],
  )
}

/** The first answer that is one; undefined if no server gives one. */
function* ask(process: Process, conf: ResolvConf, name: string, type: number): Task<Dns | undefined> {
  const servers = conf.servers.length > 0 ? conf.servers : ownServers(process)
  for (let attempt = 0; attempt < conf.attempts; attempt++) {
    for (const address of servers) {
      const question = questionOf(Math.floor(process.random() * 65536), name, type)
      // From the second time on, a server gets as long as all of them together have.
      const patience = Math.max(1, Math.floor((conf.timeout << attempt) / (attempt > 0 ? servers.length : 1)))
      const asked = { address, port: DnsPort, timeout: patience * second }
      let answered = yield* exchange(process, asked, question)
      if (answered.ok && answered.message.truncated)
        answered = yield* exchange(process, { ...asked, tcp: true }, question)
      if (!answered.ok) continue
      const { rcode } = answered.message
      if (rcode === DnsRcode.noError || rcode === DnsRcode.nameError) return answered.message
    }
  }
  return undefined
}

/** Without a server in resolv.conf, this host is asked, where a question without a server would be refused at once. */
const ownServers = ({ namespace }: Process): Ip[] =>
  namespace.udp.all().some(({ port, family }) => port === DnsPort && family === 4) ? [0x7f000001] : []

/** An address of a family that a program wants: the first, with its name's error otherwise. */
export function* firstAddress(process: Process, name: string, family?: 4 | 6): Task<Ip | keyof typeof resolveErrors> {
  const found = yield* resolveName(process, name, family)
  return found.ok
    ? (found.addresses.find(ip => family === undefined || isIp6(ip) === (family === 6)) ?? 'data')
    : found.why
}

/** An address with its name, if it has one and names are wanted: `localhost (127.0.0.1)`. */
export function* withName(process: Process, ip: Ip, numeric: boolean): Task<string> {
  const name = numeric ? undefined : yield* resolveAddress(process, ip)
  return name === undefined ? formatIp(ip) : `${name} (${formatIp(ip)})`
}
