import { errnoText } from '../../../../host/index.ts'
import { elapsed, first, type Task } from '../../../../runtime/index.ts'
import { formatIp, type Ip, isIp6 } from '../../../../wire/address.ts'
import type { Command, Process } from '../../../command.ts'
import { parseOptions } from '../../../options.ts'
import { firstAddress, resolveAddress, resolveErrors } from '../dns/resolver.ts'
import { numericIp } from '../names.ts'
import { Refusal } from '../refusal.ts'
import { checkProbe, type Probe, type ProbeKind, sendProbe } from './probe.ts'

const usage = `Usage:
  traceroute [ -46FInV ] [ -f first_ttl ] [ -m max_ttl ] [ -N squeries ] [ -p port ] [ -t tos ] [ -w MAX,HERE,NEAR ] [ -q nqueries ] host [ packetlen ]
Options:
  -4                          Use IPv4
  -6                          Use IPv6
  -F  --dont-fragment         Do not fragment packets
  -f first_ttl  --first=first_ttl
                              Start from the first_ttl hop (instead from 1)
  -I  --icmp                  Use ICMP ECHO for tracerouting
  -m max_ttl  --max-hops=max_ttl
                              Set the max number of hops (max TTL to be
                              reached). Default is 30
  -N squeries  --sim-queries=squeries
                              Set the number of probes to be tried
                              simultaneously (default is 16)
  -n                          Do not resolve IP addresses to their domain names
  -p port  --port=port        Set the destination port to use
  -t tos  --tos=tos           Set the TOS (IPv4 type of service) or TC (IPv6
                              traffic class) value for outgoing packets
  -w MAX,HERE,NEAR  --wait=MAX,HERE,NEAR
                              Wait for a probe no more than HERE (default 3)
                              times longer than a response from the same hop,
                              or no more than NEAR (default 10) times than some
                              next hop, or MAX (default 5.0) seconds (float
                              point values allowed too)
  -q nqueries  --queries=nqueries
                              Set the number of probes per each hop. Default is
                              3
  -V  --version               Print version info and exit
  --help                      Read this help and exit

Arguments:
+     host          The host to traceroute to
      packetlen     The full packet length (default is the length of an IP
                    header plus 40). Can be ignored or increased to a minimal
                    allowed value`

const letters = {
  '4': 'none',
  '6': 'none',
  F: 'none',
  'dont-fragment': 'none',
  f: 'required',
  first: 'required',
  I: 'none',
  icmp: 'none',
  m: 'required',
  'max-hops': 'required',
  N: 'required',
  'sim-queries': 'required',
  n: 'none',
  p: 'required',
  port: 'required',
  t: 'required',
  tos: 'required',
  w: 'required',
  wait: 'required',
  q: 'required',
  queries: 'required',
  V: 'none',
  version: 'none',
  help: 'none',
} as const

/** Times are nanoseconds. */
type Options = {
  numeric: boolean
  first: number
  most: number
  queries: number
  together: number
  wait: number
  here: number
  near: number
  kind: ProbeKind
  name: string
  dst: Ip
}

const numberOf = (text: string, letter: string, argc: number): number => {
  const value = Number(text)
  if (text === '' || Number.isNaN(value))
    throw new Refusal(`Cannot handle \`-${letter}' option with arg \`${text}' (argc ${argc})`, 2)
  return value
}

function* readOptions(process: Process): Task<Options | string> {
  const args = process.args.slice(1)
  const parsed = parseOptions(args, letters)
  if (!parsed.ok) {
    const letter = /-- '(.)'$/.exec(parsed.error)?.[1] ?? parsed.error
    const argc = args.findIndex(word => word.startsWith(`-${letter}`)) + 1
    const wants = parsed.error.startsWith('option requires')
    throw new Refusal(
      wants ? `Option \`-${letter}' (argc ${argc}) requires an argument` : `Bad option \`-${letter}' (argc ${argc})`,
      2,
    )
  }
  const has = (...names: string[]): boolean => parsed.options.some(option => names.includes(option.name))
  const number = (usual: number, ...names: string[]): number => {
    const found = parsed.options.findLast(option => names.includes(option.name))
    const option = args.findIndex(word => word.startsWith(`-${names[0]}`))
    const argc = args[option] === `-${names[0]}` ? option + 2 : option + 1
    return found === undefined ? usual : numberOf(found.value ?? '', names[0] as string, argc)
  }
  if (has('V', 'version'))
    return 'Modern traceroute for Linux, version 2.1.2\nCopyright (c) 2016  Dmitry Butskoy,   License: GPL v2 or any later\n'
  if (has('help') || args.length === 0) return `${usage}\n`
  const [name, length] = parsed.operands
  if (name === undefined) throw new Refusal('Specify "host" missing argument.', 2)
  const dst = yield* findHost(process, name, has('6') ? 6 : has('4') ? 4 : undefined, args)
  const most = number(30, 'm', 'max-hops')
  const start = number(1, 'f', 'first')
  const queries = number(3, 'q', 'queries')
  if (start < 1 || start > most) throw new Refusal('first hop out of range', 2)
  if (most > 255) throw new Refusal('max hops cannot be more than 255', 2)
  if (queries < 1 || queries > 10) throw new Refusal('no more than 10 probes per hop', 2)
  const waits = (parsed.options.findLast(option => option.name === 'w' || option.name === 'wait')?.value ?? '').split(
    ',',
  )
  const icmp = has('I', 'icmp')
  return {
    numeric: has('n'),
    first: start,
    most,
    queries,
    together: number(16, 'N', 'sim-queries'),
    wait: Number(waits[0] || 5) * 1e9,
    here: Number(waits[1] || 3),
    near: Number(waits[2] || 10),
    kind: {
      icmp,
      port: number(icmp ? 1 : 33434, 'p', 'port'),
      size: Math.max(isIp6(dst) ? 48 : 28, length === undefined ? (isIp6(dst) ? 80 : 60) : Number(length)),
      tos: number(0, 't', 'tos'),
      dontFragment: has('F', 'dont-fragment'),
    },
    name,
    dst,
  }
}

function* findHost(process: Process, name: string, family: 4 | 6 | undefined, args: readonly string[]): Task<Ip> {
  const ip = numericIp(name) ?? (yield* firstAddress(process, name, family))
  if (typeof ip !== 'string' && (family === undefined || isIp6(ip) === (family === 6))) return ip
  const why = typeof ip === 'string' ? resolveErrors[ip] : 'Address family for hostname not supported'
  throw new Refusal(
    `${name}: ${why}\nCannot handle "host" cmdline arg \`${name}' on position 1 (argc ${args.indexOf(name) + 1})`,
    2,
  )
}

/** traceroute(8), version 2.1: UDP to rising ports, or ICMP echo; sixteen probes at once. */
export const traceroute: Command = function* (process) {
  try {
    const options = yield* readOptions(process)
    if (typeof options === 'string') {
      yield* process.print(options)
      return 0
    }
    return yield* trace(process, options)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  }
}

function* trace(process: Process, options: Options): Task<number> {
  const { name, dst, most, kind, queries } = options
  yield* process.print(`traceroute to ${name} (${formatIp(dst)}), ${most} hops max, ${kind.size} byte packets`)
  const probes: Probe[] = []
  let shown = 0
  let line = ''
  try {
    for (;;) {
      for (const probe of probes) look(process, options, probes, probe)
      // A hop that is the last makes those behind it needless.
      const lastHop = probes.find(probe => probe.answer?.final === true)?.ttl ?? most
      const total = (lastHop - options.first + 1) * queries
      while (shown < Math.min(total, probes.length)) {
        const probe = probes[shown] as Probe
        if (probe.answer === undefined && !probe.expired) break
        line += shown % queries === 0 ? `${String(probe.ttl).padStart(2)} ` : ''
        line += yield* answerText(process, options, probe, probes.slice(shown - (shown % queries), shown))
        shown++
        if (shown % queries === 0) {
          yield* process.print(`\n${line}`)
          line = ''
        }
      }
      if (shown >= total) {
        yield* process.print('\n')
        return 0
      }
      const open = probes.filter(probe => probe.answer === undefined && !probe.expired)
      if (probes.length < total && open.length < options.together) {
        const ttl = options.first + Math.floor(probes.length / queries)
        const sent = sendProbe(process, dst, ttl, probes.length, kind)
        if (typeof sent === 'string') throw new Refusal(`\nconnect: ${errnoText[sent]}`, 1)
        probes.push(sent)
        continue
      }
      const waits = open.map(probe => deadline(options, probes, probe))
      const until = Math.max(0, Math.min(...waits) - process.clock.now())
      yield first(elapsed(process.clock, until), ...open.map(probe => probe.socket.onReadable.wait))
    }
  } finally {
    for (const probe of probes) probe.socket.close()
  }
}

const look = (process: Process, options: Options, probes: readonly Probe[], probe: Probe): void => {
  if (probe.expired) return
  checkProbe(probe)
  if (probe.answer === undefined && process.clock.now() >= deadline(options, probes, probe)) probe.expired = true
}

/** When to give a probe up: soon if others of its hop or a later one have answered (`-w`). */
const deadline = ({ wait, here, near }: Options, probes: readonly Probe[], probe: Probe): number => {
  const same = probes.find(each => each.ttl === probe.ttl && each.answer !== undefined)
  const later = probes.find(each => each.ttl > probe.ttl && each.answer !== undefined)
  // A reply that comes at once says little: never less than ten milliseconds.
  const patience = (each: Probe | undefined, times: number): number =>
    each?.answer === undefined ? wait : Math.max(10e6, each.answer.time * times)
  return probe.sent + Math.min(wait, patience(same, here), patience(later, near))
}

function* answerText(
  process: Process,
  { numeric }: Options,
  { answer }: Probe,
  before: readonly Probe[],
): Task<string> {
  if (answer === undefined) return ' *'
  const previous = before.findLast(each => each.answer !== undefined)?.answer?.from
  const { from, time, note } = answer
  const name = numeric || previous === from ? undefined : ((yield* resolveAddress(process, from)) ?? formatIp(from))
  const who = numeric ? ` ${formatIp(from)}` : ` ${name} (${formatIp(from)})`
  return `${previous === from ? '' : who}  ${(time / 1e6).toFixed(3)} ms${note}`
}
