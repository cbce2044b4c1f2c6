import { second, type Task } from '../../../../runtime/index.ts'
import { formatIp, type Ip } from '../../../../wire/address.ts'
import { type Dns, type DnsRecord, DnsType } from '../../../../wire/dns.ts'
import { parseName } from '../../../../wire/dns-name.ts'
import type { Command, Process } from '../../../command.ts'
import { numericIp } from '../names.ts'
import { Refusal } from '../refusal.ts'
import { bindVersion, whyText } from './dig.ts'
import { exchange, questionOf } from './exchange.ts'
import { serversFor } from './host-command.ts'
import { dataText } from './record-text.ts'
import { readResolvConf, tries } from './resolv-conf.ts'
import { reverseName } from './reverse-name.ts'
import { rcodeName, typeOf } from './type-names.ts'

type Settings = { type: number | undefined; time: number; tries: number; port: number; recurse: boolean; tcp: boolean }

/** nslookup(1) of BIND 9.18, with its questions on the command line. */
export const nslookup: Command = function* (process) {
  const settings: Settings = { type: undefined, time: 5, tries: 3, port: 53, recurse: true, tcp: false }
  const words: string[] = []
  for (const word of process.args.slice(1)) {
    if (!word.startsWith('-')) words.push(word)
    else if (word === '-version') {
      yield* process.print(`nslookup ${bindVersion}\n`)
      return 0
    } else if (!take(settings, word.slice(1))) yield* process.print(`*** Invalid option: ${word.slice(1)}\n`)
  }
  const [name, server] = words
  if (name === undefined) return yield* process.fail('nslookup: a name is wanted: there is no prompt of its own here')
  try {
    const servers = yield* serversFor(process, server)
    return yield* look(process, settings, servers, server, name)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  }
}

const take = (settings: Settings, text: string): boolean => {
  const [name = '', value = ''] = text.split('=')
  if (/^(type|querytype|query|q|ty)$/.test(name)) {
    settings.type = typeOf(value)
    return settings.type !== undefined
  }
  if (/^(timeout|retry|port)$/.test(name) && /^\d+$/.test(value)) {
    if (name === 'timeout') settings.time = Math.max(1, Number(value))
    else if (name === 'retry') settings.tries = Number(value) + 1
    else settings.port = Number(value)
    return true
  }
  if (name === 'vc') settings.tcp = true
  else if (name === 'norecurse') settings.recurse = false
  return ['vc', 'novc', 'recurse', 'norecurse', 'debug', 'nodebug'].includes(name)
}

function* look(
  process: Process,
  settings: Settings,
  servers: readonly Ip[],
  server: string | undefined,
  name: string,
): Task<number> {
  const ip = numericIp(name)
  const reverse = ip !== undefined && settings.type === undefined
  if (!reverse && parseName(name) === undefined) throw new Refusal(`nslookup: '${name}' is not a legal name`, 1)
  const names = reverse ? [reverseName(ip)] : tries(name, readResolvConf(process))
  const types = reverse ? [DnsType.PTR] : settings.type === undefined ? [DnsType.A, DnsType.AAAA] : [settings.type]
  const address = servers[0] ?? 0
  let heading = reverse
    ? ''
    : `Server:\t\t${server ?? formatIp(address)}\nAddress:\t${formatIp(address)}#${settings.port}\n\n`
  let guess = false
  for (const [i, type] of types.entries()) {
    let message: Dns | undefined
    let asked = ''
    for (const each of i === 0 ? names : names.slice(0, 1)) {
      asked = each
      message = yield* ask(process, settings, servers, each, type)
      if (message === undefined) {
        yield* process.print(';; no servers could be reached\n\n')
        return 1
      }
      if (message.rcode !== 3) break
    }
    const { rcode, answers, authoritative } = message as Dns
    yield* process.print(heading)
    heading = ''
    if (rcode !== 0) {
      yield* process.print(`** server can't find ${asked.replace(/\.$/, '')}: ${rcodeName(rcode)}\n\n`)
      return 1
    }
    // For both kinds of addresses it is told once.
    if (!authoritative && !guess && i === 0) yield* process.print('Non-authoritative answer:\n')
    guess ||= !authoritative
    // The second answer goes on where the first ended: its alias is known.
    const shown = i === 0 ? answers : answers.filter(record => record.type !== DnsType.CNAME)
    yield* process.print(shown.map(line).join(''))
    if (answers.length === 0 && types.length === 1)
      yield* process.print(
        `*** Can't find ${asked.replace(/\.$/, '')}: No answer\n${authoritative ? '' : '\nAuthoritative answers can be found from:\n'}`,
      )
    // The name that was found is the one to ask for more of.
    names[0] = asked
  }
  yield* process.print('\n')
  return 0
}

function* ask(
  process: Process,
  settings: Settings,
  servers: readonly Ip[],
  name: string,
  type: number,
): Task<Dns | undefined> {
  for (let attempt = 0; attempt < settings.tries; attempt++) {
    for (const address of servers) {
      const question = questionOf(Math.floor(process.random() * 65536), name, type, {
        recursionDesired: settings.recurse,
      })
      const asked = { address, port: settings.port, timeout: settings.time * second }
      let answered = yield* exchange(process, { ...asked, tcp: settings.tcp }, question)
      if (answered.ok && answered.message.truncated)
        answered = yield* exchange(process, { ...asked, tcp: true }, question)
      if (answered.ok) return answered.message
      yield* process.print(
        `;; communications error to ${formatIp(address)}#${settings.port}: ${whyText(answered.why)}\n`,
      )
    }
  }
  return undefined
}

const phrases: Readonly<Record<number, string>> = {
  [DnsType.NS]: 'nameserver =',
  [DnsType.CNAME]: 'canonical name =',
  [DnsType.PTR]: 'name =',
  [DnsType.MX]: 'mail exchanger =',
  [DnsType.TXT]: 'text =',
  [DnsType.SRV]: 'service =',
}

const line = ({ name, type, data }: DnsRecord): string => {
  const own = name.replace(/\.$/, '')
  if (data.kind === 'a' || data.kind === 'aaaa') return `Name:\t${own}\nAddress: ${formatIp(data.address)}\n`
  return `${own}\t${phrases[type] ?? `rdata_${type} =`} ${dataText(data)}\n`
}
