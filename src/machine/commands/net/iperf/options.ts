import { parseOptions } from '../../../options.ts'
import { Refusal } from '../refusal.ts'
import { isFormat } from './text.ts'
import { help, usage, version } from './usage.ts'

/** What an iperf was told. Times in seconds, sizes in bytes, rates in bits a second. */
export type IperfOptions = {
  mode: 'server' | 'client'
  host: string
  udp: boolean
  six: boolean
  port: number
  /** Where a client waits for the server's own test. */
  listenPort: number
  /** How long, unless `amount` says how many bytes. */
  time: number
  timed: boolean
  amount: number | undefined
  interval: number
  parallel: number
  /** -w; undefined for the system's. */
  window: number | undefined
  length: number
  /** -b: bits a second, or datagrams a second. */
  rate: { value: number; unit: 'bits' | 'packets' } | undefined
  format: string
  csv: boolean
  noDelay: boolean
  maxSegment: number
  printSegment: boolean
  tos: number
  ttl: number
  congestion: string | undefined
  bind: string | undefined
  /** The only source of the group that a server listens to. */
  source: string | undefined
  /** `dual` at the same time, `tradeoff` one after the other. */
  back: 'dual' | 'tradeoff' | undefined
  /** A server that ends after one client. */
  single: boolean
  background: boolean
  /** Reports that -x leaves out: C, D, M, S, V. */
  without: ReadonlySet<string>
}

const table = {
  b: 'required',
  bandwidth: 'required',
  B: 'required',
  bind: 'required',
  c: 'required',
  client: 'required',
  C: 'none',
  compatibility: 'none',
  d: 'none',
  dualtest: 'none',
  D: 'none',
  daemon: 'none',
  e: 'none',
  enhanced: 'none',
  f: 'required',
  format: 'required',
  h: 'none',
  H: 'required',
  'ssm-host': 'required',
  help: 'none',
  i: 'required',
  interval: 'required',
  l: 'required',
  len: 'required',
  L: 'required',
  listenport: 'required',
  m: 'none',
  print_mss: 'none',
  M: 'required',
  mss: 'required',
  n: 'required',
  num: 'required',
  N: 'none',
  nodelay: 'none',
  p: 'required',
  port: 'required',
  P: 'required',
  parallel: 'required',
  r: 'none',
  tradeoff: 'none',
  s: 'none',
  server: 'none',
  S: 'required',
  tos: 'required',
  t: 'required',
  time: 'required',
  T: 'required',
  ttl: 'required',
  u: 'none',
  udp: 'none',
  U: 'none',
  single_udp: 'none',
  v: 'none',
  version: 'none',
  V: 'none',
  ipv6_domain: 'none',
  w: 'required',
  window: 'required',
  x: 'required',
  reportexclude: 'required',
  y: 'required',
  reportstyle: 'required',
  Z: 'required',
  'tcp-congestion': 'required',
  z: 'none',
  realtime: 'none',
  '1': 'none',
  singleclient: 'none',
} as const

const letterOf: Readonly<Record<string, string>> = {
  bandwidth: 'b',
  bind: 'B',
  client: 'c',
  compatibility: 'C',
  dualtest: 'd',
  daemon: 'D',
  enhanced: 'e',
  format: 'f',
  help: 'h',
  interval: 'i',
  len: 'l',
  listenport: 'L',
  print_mss: 'm',
  mss: 'M',
  num: 'n',
  nodelay: 'N',
  port: 'p',
  parallel: 'P',
  tradeoff: 'r',
  server: 's',
  tos: 'S',
  time: 't',
  ttl: 'T',
  udp: 'u',
  single_udp: 'U',
  version: 'v',
  ipv6_domain: 'V',
  window: 'w',
  reportexclude: 'x',
  reportstyle: 'y',
  'tcp-congestion': 'Z',
  realtime: 'z',
  singleclient: '1',
  'ssm-host': 'H',
}

/** A number with a unit as iperf reads it: `10M` is 2^20 times, `10m` 10^6 times ten; what is none is 0. */
export const amountOf = (text: string): number => {
  const [, number = '0', suffix = ''] = /^\s*([+-]?\d*\.?\d*(?:e[+-]?\d+)?)\s*([a-zA-Z]?)/i.exec(text) ?? []
  const at = 'kmgt'.indexOf(suffix.toLowerCase())
  const step = suffix === suffix.toLowerCase() ? 1000 : 1024
  return Math.trunc((Number.parseFloat(number) || 0) * (at < 0 || suffix === '' ? 1 : step ** (at + 1)))
}

/** As atoi(3). */
const whole = (text: string): number => Number.parseInt(/^\s*[+-]?\d+/.exec(text)?.[0] ?? '0', 10) || 0

const real = (text: string): number => Number.parseFloat(text) || 0

const classes: Readonly<Record<string, number>> = {
  lowdelay: 0x10,
  throughput: 0x08,
  reliability: 0x04,
  ef: 0xb8,
  le: 0x04,
  nqb: 0xac,
  nqb2: 0x00b4,
  ac_be: 0x00,
  ac_bk: 0x20,
  ac_vi: 0xa0,
  ac_vo: 0xe0,
}

/** A traffic class by name or number, as C writes them; undefined for none. */
const tosOf = (text: string): number | undefined => {
  const name = text.toLowerCase()
  if (Object.hasOwn(classes, name)) return classes[name] as number
  const cs = /^cs([0-7])$/.exec(name)?.[1]
  if (cs !== undefined) return Number(cs) << 5
  const af = /^af([1-4])([1-3])$/.exec(name)
  if (af !== null) return (Number(af[1]) << 5) | (Number(af[2]) << 3)
  const octal = /^0[0-7]+$/.test(text)
  if (!octal && !/^(0x[0-9a-f]+|\d+)$/.test(name)) return undefined
  const value = octal ? Number.parseInt(text, 8) : Number(text)
  return value > 255 ? undefined : value
}

/** What the words say. Throws the refusal of those that iperf ends with, which are not errors to its caller (status 0). */
export const readIperfOptions = (args: readonly string[]): { options: IperfOptions; warnings: string[] } => {
  const parsed = parseOptions(args, table)
  if (!parsed.ok) throw new Refusal(complaint(parsed.error) + usage, 0)
  const warnings: string[] = []
  const given = new Map<string, string>()
  for (const { name, value } of parsed.options) given.set(letterOf[name] ?? name, value ?? '')
  if (given.has('h')) throw new Refusal(help, 1)
  if (given.has('v')) throw new Refusal(version, 1)
  const mode = given.has('c') ? 'client' : given.has('s') ? 'server' : undefined
  if (mode === undefined) throw new Refusal(usage, 0)
  const get = (letter: string): string | undefined => given.get(letter)
  const udp = given.has('u') || (given.has('b') && /pps$/.test(get('b') as string))
  const six = given.has('V')
  const length = get('l') === undefined ? (udp ? (six ? 1450 : 1470) : 131072) : amountOf(get('l') as string)
  const format = get('f')?.[0] ?? 'a'
  if (!isFormat(format)) warnings.push(`WARNING: unknown format '${format}', using default`)
  const tos = tosOf(get('S') ?? '0')
  if (tos === undefined) warnings.push(`Invalid --tos value of ${get('S')}`)
  const port = whole(get('p') ?? '5001')
  const options: IperfOptions = {
    mode,
    host: get('c') ?? '',
    udp,
    six,
    port,
    listenPort: get('L') === undefined ? port : whole(get('L') as string),
    time: get('t') === undefined ? 10 : real(get('t') as string),
    timed: given.has('t'),
    amount: get('n') === undefined ? undefined : amountOf(get('n') as string),
    interval: real(get('i') ?? '0'),
    parallel: Math.max(1, whole(get('P') ?? '1')),
    window: get('w') === undefined ? undefined : amountOf(get('w') as string),
    length: Math.max(udp ? 52 : 1, length),
    rate: rateOf(get('b'), udp),
    format: isFormat(format) ? format : 'a',
    csv: get('y')?.[0]?.toLowerCase() === 'c',
    noDelay: given.has('N'),
    maxSegment: whole(get('M') ?? '0'),
    printSegment: given.has('m'),
    tos: tos ?? 0,
    ttl: whole(get('T') ?? '1'),
    congestion: get('Z'),
    bind: get('B'),
    source: get('H'),
    back: given.has('d') ? 'dual' : given.has('r') ? 'tradeoff' : undefined,
    single: given.has('1'),
    background: given.has('D'),
    without: exclusions(get('x') ?? '', warnings),
  }
  if (options.csv) options.without = new Set(['C', 'S', ...options.without])
  if (mode === 'client' && !udp && options.rate !== undefined && options.rate.value / 8 < options.length) {
    const most = Math.floor(options.rate.value / 8)
    const text = `ERROR: option -b and -l of ${options.length} are incompatible, consider setting -l to ${most} or lower`
    throw new Refusal(text, 1)
  }
  if (mode === 'client' && options.time === 0 && options.amount === undefined)
    warnings.push(
      'WARNING: client will send traffic forever or until an external signal (e.g. SIGINT or SIGTERM) occurs to stop it',
    )
  return { options, warnings }
}

const rateOf = (text: string | undefined, udp: boolean): IperfOptions['rate'] => {
  if (text === undefined) return udp ? { value: 2 ** 20, unit: 'bits' } : undefined
  return { value: amountOf(text), unit: /pps$/.test(text) ? 'packets' : 'bits' }
}

const exclusions = (letters: string, warnings: string[]): Set<string> => {
  const without = new Set<string>()
  for (const letter of letters.toUpperCase())
    if ('CDMSV'.includes(letter)) without.add(letter)
    else
      warnings.push(
        `WARNING: unknown reporting type "${letter.toLowerCase()}", ignored\n valid options are:\n\t exclude: C(connection) D(data) M(multicast) S(settings) V(server) report\n`,
      )
  return without
}

/** iperf's own getopt says it a little differently than GNU's. */
const complaint = (error: string): string => {
  const letter = /^(.*) -- '(.)'$/.exec(error)
  const words = letter !== null ? `${letter[1]} -- ${letter[2]}` : error.replace(/'(.*)'/, "`$1'")
  return `iperf: ${words}\n`
}
