import { errnoText, type Failure, type RouteSpec } from '../../../../host/index.ts'
import { formatIp, type Ip, type Ip4, isIp6, mask4, parseIp6 } from '../../../../wire/address.ts'
import type { Command, Process } from '../../../command.ts'
import { maskLength } from '../ip/prefix.ts'
import { addressesOfName, nameOfAddress, parseLoose4 } from '../names.ts'
import { Refusal } from '../refusal.ts'
import { type RouteColumns, routeTable, routeTable6 } from './route-text.ts'

const usage = `Usage: route [-nNvee] [-FC] [<AF>]           List kernel routing tables
       route [-v] [-FC] {add|del|flush} ...  Modify routing table for AF.

       route {-h|--help} [<AF>]              Detailed usage syntax for specified AF.
       route {-V|--version}                  Display version/author and exit.

        -v, --verbose            be verbose
        -n, --numeric            don't resolve names
        -e, --extend             display other/more information
        -F, --fib                display Forwarding Information Base (default)

  <AF>=Use -4, -6, '-A <af>' or '--<af>'; default: inet
  List of possible address families (which support routing):
    inet (DARPA Internet) inet6 (IPv6) `

const changeUsage = `Usage: inet_route [-vF] del {-host|-net} Target[/prefix] [gw Gw] [metric M] [[dev] If]
       inet_route [-vF] add {-host|-net} Target[/prefix] [gw Gw] [metric M]
                              [netmask N] [mss Mss] [window W] [irtt I]
                              [mod] [dyn] [reinstate] [[dev] If]
       inet_route [-vF] add {-host|-net} Target[/prefix] [metric M] reject
       inet_route [-FC] flush      NOT supported`

/** route(8) of net-tools 2.10. */
export const route: Command = function* (process) {
  try {
    const text = run(process)
    yield* process.print(text)
    // An empty table is a failure to route(8).
    return text.startsWith('Kernel') && text.split('\n').length < 4 ? 1 : 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  }
}

const run = (process: Process): string => {
  const words = process.args.slice(1)
  let six = false
  let numeric = false
  let extended = 0
  while (words[0]?.startsWith('-') && !/^-(net|host)$/.test(words[0])) {
    const word = words.shift() as string
    if (word === '-6' || word === '--inet6') six = true
    else if (word === '-4' || word === '--inet') six = false
    else if (word === '-A' || word === '--protocol') {
      const family = words.shift() ?? ''
      if (family !== 'inet' && family !== 'inet6') throw new Refusal(`route: -A \`${family}' not supported`, 3)
      six = family === 'inet6'
    } else if (word === '-V' || word === '--version') return 'net-tools 2.10\n'
    else if (word === '-h' || word === '--help') return `${usage}\n`
    else if (word === '--numeric') numeric = true
    else if (word === '--extend') extended++
    else if (word === '--verbose' || word === '--fib') continue
    else
      for (const letter of word.slice(1))
        if (letter === 'n') numeric = true
        else if (letter === 'e') extended++
        else if (letter === '6') six = true
        else if (!'vFNC4'.includes(letter)) throw new Refusal(`route: invalid option -- '${letter}'\n${usage}`, 3)
  }
  const command = words.shift()
  if (command === undefined) return list(process, six, numeric, extended)
  if (command !== 'add' && command !== 'del' && command !== 'delete') throw new Refusal(usage, 3)
  if (words.filter(word => word !== '-net' && word !== '-host').length === 0) return `${changeUsage}\n`
  change(process, command === 'add', six, words)
  return ''
}

const list = (process: Process, six: boolean, numeric: boolean, extended: number): string => {
  if (six) return routeTable6(process.namespace)
  const columns: RouteColumns = extended === 0 ? 'plain' : extended === 1 ? 'extended' : 'all'
  return routeTable(process.namespace, columns, ip => nameOfAddress(process, ip) ?? formatIp(ip), numeric)
}

const hostOf = (process: Process, text: string, six: boolean): Ip => {
  const ip = six ? parseIp6(text) : (parseLoose4(text) ?? addressesOfName(process, text, 4)[0])
  if (ip !== undefined) return ip
  const why = /^[\d.]+$/.test(text) ? 'Unknown host' : 'Host name lookup failure'
  throw new Refusal(`${text}: ${six ? 'Resolver Error 0 (no error)' : why}`, 6)
}

const change = (process: Process, add: boolean, six: boolean, words: string[]): void => {
  let kind: '-net' | '-host' | undefined
  const first = words[0]
  if (first === '-net' || first === '-host') {
    kind = first
    words.shift()
  }
  const target = words.shift()
  if (target === undefined) throw new Refusal(changeUsage, 3)
  const spec = readSpec(process, target, kind, six, words)
  const { namespace } = process
  const result = add ? namespace.addRoute(spec) : namespace.removeRoute(spec)
  if (!result.ok) throw failure(add, result)
}

const failure = (add: boolean, { errno }: Failure): Refusal =>
  new Refusal(`SIOC${add ? 'ADD' : 'DEL'}RT: ${errnoText[errno]}`, 7)

const readSpec = (
  process: Process,
  target: string,
  kind: '-net' | '-host' | undefined,
  six: boolean,
  words: string[],
): RouteSpec => {
  const [text = '', given] = target.split('/')
  const everything = text === 'default' || (!six && text === '0.0.0.0' && kind === '-net')
  const dst = everything ? (six ? 0n : 0) : hostOf(process, text, six)
  const spec: RouteSpec = { dst, length: 0 }
  let length = everything ? 0 : given === undefined ? undefined : Number(given)
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const need = (): string => {
      const next = words.shift()
      if (next === undefined) throw new Refusal(changeUsage, 3)
      return next
    }
    if (word === 'gw' || word === 'gateway') spec.via = hostOf(process, need(), six)
    else if (word === 'netmask') {
      const mask = need()
      length = maskLength(mask)
      if (length === undefined) throw new Refusal(`route: bogus netmask ${mask}`, 3)
    } else if (word === 'metric') spec.metric = Number(need())
    else if (word === 'mss' || word === 'mtu') spec.mtu = Number(need())
    else if (word === 'window' || word === 'irtt') need()
    else if (word === 'reject') spec.type = 'unreachable'
    else if (word === 'mod' || word === 'dyn' || word === 'reinstate') continue
    else {
      const name = word === 'dev' || word === 'device' ? need() : word
      const link = process.namespace.links.get(name)
      if (link === undefined) throw failure(true, { ok: false, errno: 'ENODEV' })
      spec.link = link
    }
  }
  spec.length = length ?? (isIp6(dst) ? 128 : defaultLength(dst, kind))
  if (!isIp6(dst) && (dst & ~mask4(spec.length)) !== 0) {
    if (length === undefined) throw failure(true, { ok: false, errno: 'EINVAL' })
    throw new Refusal(`route: netmask doesn't match route address\n${changeUsage}`, 3)
  }
  if (kind === '-net' && length === undefined && !isIp6(dst) && spec.length !== 32 && dst === 0) spec.length = 0
  return spec
}

/** Without a mask, a network has that of its class, which fits only if the rest is zero; a host has all bits. */
const defaultLength = (ip: Ip4, kind: '-net' | '-host' | undefined): number => {
  if (kind !== '-net') return 32
  return ip >>> 31 === 0 ? 8 : ip >>> 30 === 2 ? 16 : 24
}
