import { parseOptions } from '../../../options.ts'
import { Refusal } from '../refusal.ts'
import { usage } from './usage.ts'

/** What both ends know of a test: the client's wishes. Times in seconds, sizes in bytes, rates in bits a second, 0 for none. */
export type TestOptions = {
  udp: boolean
  time: number
  bytes: number
  blocks: number
  omit: number
  parallel: number
  reverse: boolean
  bidirectional: boolean
  window: number
  length: number
  rate: number
  maxSegment: number
  noDelay: boolean
  tos: number
  congestion: string | undefined
  title: string | undefined
}

export type Iperf3Options = {
  mode: 'server' | 'client'
  host: string
  port: number
  clientPort: number
  bind: string | undefined
  family: 4 | 6 | undefined
  interval: number
  format: string
  json: boolean
  verbose: boolean
  single: boolean
  background: boolean
  pidFile: string | undefined
  test: TestOptions
}

const table = {
  s: 'none',
  server: 'none',
  c: 'required',
  client: 'required',
  p: 'required',
  port: 'required',
  cport: 'required',
  B: 'required',
  bind: 'required',
  '4': 'none',
  version4: 'none',
  '6': 'none',
  version6: 'none',
  i: 'required',
  interval: 'required',
  f: 'required',
  format: 'required',
  I: 'required',
  pidfile: 'required',
  forceflush: 'none',
  J: 'none',
  json: 'none',
  V: 'none',
  verbose: 'none',
  D: 'none',
  daemon: 'none',
  '1': 'none',
  'one-off': 'none',
  u: 'none',
  udp: 'none',
  b: 'required',
  bitrate: 'required',
  bandwidth: 'required',
  t: 'required',
  time: 'required',
  n: 'required',
  bytes: 'required',
  k: 'required',
  blockcount: 'required',
  l: 'required',
  length: 'required',
  P: 'required',
  parallel: 'required',
  R: 'none',
  reverse: 'none',
  bidir: 'none',
  w: 'required',
  window: 'required',
  M: 'required',
  'set-mss': 'required',
  N: 'none',
  'no-delay': 'none',
  S: 'required',
  tos: 'required',
  C: 'required',
  congestion: 'required',
  Z: 'none',
  zerocopy: 'none',
  O: 'required',
  omit: 'required',
  T: 'required',
  title: 'required',
  h: 'none',
  help: 'none',
  v: 'none',
  version: 'none',
} as const

const letters: Readonly<Record<string, string>> = {
  server: 's',
  client: 'c',
  port: 'p',
  bind: 'B',
  version4: '4',
  version6: '6',
  interval: 'i',
  format: 'f',
  pidfile: 'I',
  json: 'J',
  verbose: 'V',
  daemon: 'D',
  'one-off': '1',
  udp: 'u',
  bitrate: 'b',
  bandwidth: 'b',
  time: 't',
  bytes: 'n',
  blockcount: 'k',
  length: 'l',
  parallel: 'P',
  reverse: 'R',
  window: 'w',
  'set-mss': 'M',
  'no-delay': 'N',
  tos: 'S',
  congestion: 'C',
  zerocopy: 'Z',
  omit: 'O',
  title: 'T',
  help: 'h',
  version: 'v',
}

const onlyClients = [...'utnklbPRwMNSCZOT', 'bidir', 'cport']
const onlyServers = [...'D1']

/** A number with K, M, G or T behind it, of 1024 or, for rates, of 1000. */
const scaled = (text: string, step: 1000 | 1024): number => {
  const [, number = '0', suffix = ''] = /^\s*([+-]?\d*\.?\d*(?:e[+-]?\d+)?)\s*([a-zA-Z]?)/i.exec(text) ?? []
  const at = 'kmgt'.indexOf(suffix.toLowerCase())
  return Math.trunc((Number.parseFloat(number) || 0) * (suffix === '' || at < 0 ? 1 : step ** (at + 1)))
}

const whole = (text: string): number => Number.parseInt(text, 10) || 0

/** Of a traffic class also octal and hexadecimal. */
const classOf = (text: string): number =>
  /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : /^0x/i.test(text) ? Number.parseInt(text, 16) : whole(text)

const wrong = (text: string): Refusal => new Refusal(`iperf3: parameter error - ${text}\n\n${usage}`, 1)

/** What the words say; throws the refusal of those that iperf3 ends with. `help` and `version` are for the caller. */
export const readOptions = (args: readonly string[]): Iperf3Options | 'help' | 'version' => {
  const parsed = parseOptions(args, table)
  if (!parsed.ok) throw new Refusal(`iperf3: ${parsed.error}\n${usage}`, 1)
  const given = new Map<string, string>()
  for (const { name, value } of parsed.options) given.set(letters[name] ?? name, value ?? '')
  const has = (name: string): boolean => given.has(name)
  if (has('h')) return 'help'
  if (has('v')) return 'version'
  const number = (name: string, usual: number, read: (text: string) => number = whole): number => {
    const text = given.get(name)
    return text === undefined ? usual : read(text)
  }
  if (has('s') && has('c')) throw wrong('cannot be both server and client')
  for (const port of ['p', 'cport'])
    if (has(port) && !(number(port, 0) >= 1 && number(port, 0) <= 65535))
      throw wrong('port number must be between 1 and 65535 inclusive')
  const format = given.get('f') ?? 'a'
  if (has('f') && !/^[kmgtKMGT]/.test(format))
    throw wrong('bad format specifier (valid formats are in the set [kmgtKMGT])')
  const interval = number('i', 1, Number.parseFloat)
  if (interval !== 0 && !(interval >= 0.1 && interval <= 60))
    throw wrong('invalid report interval (min = 0.1, max = 60 seconds)')
  if (number('t', 10) > 86400) throw wrong('test duration too long (maximum = 86400 seconds)')
  if (number('P', 1) > 128) throw wrong('number of parallel streams too large (maximum = 128)')
  if (has('R') && has('bidir')) throw wrong('cannot be both reverse and bidirectional')
  if (number('w', 0, text => scaled(text, 1024)) > 512 * 2 ** 20)
    throw wrong('socket buffer size too large (maximum = 536870912 bytes)')
  if (number('M', 0) > 9216) throw wrong('TCP MSS too large (maximum = 9216 bytes)')
  const omit = number('O', 0, Number.parseFloat)
  if (!(omit >= 0 && omit <= 60)) throw wrong('bogus value for --omit')
  if (!has('s') && !has('c')) throw wrong('must either be a client (-c) or server (-s)')
  if (has('s') && onlyClients.some(has)) throw wrong('some option you are trying to set is client only')
  if (has('c') && onlyServers.some(has)) throw wrong('some option you are trying to set is server only')
  const length = number('l', 0, text => scaled(text, 1024))
  if (has('u') && length !== 0 && (length < 16 || length > 65507))
    throw wrong('block size invalid (minimum = 16 bytes, maximum = 65507 bytes)')
  if (length > 2 ** 20) throw wrong('block size too large (maximum = 1048576 bytes)')
  const ends = [
    has('t'),
    number('n', 0, text => scaled(text, 1024)) > 0,
    number('k', 0, text => scaled(text, 1024)) > 0,
  ]
  if (ends.filter(Boolean).length > 1) throw wrong('only one test end condition (-t, -n, -k) may be specified')
  return {
    mode: has('s') ? 'server' : 'client',
    host: given.get('c') ?? '',
    port: number('p', 5201),
    clientPort: number('cport', 0),
    bind: given.get('B')?.replace(/%.*/, ''),
    family: has('4') ? 4 : has('6') ? 6 : undefined,
    interval,
    format: format[0] as string,
    json: has('J'),
    verbose: has('V'),
    single: has('1'),
    background: has('D'),
    pidFile: given.get('I'),
    test: {
      udp: has('u'),
      time: ends[1] || ends[2] ? 0 : number('t', 10),
      bytes: number('n', 0, text => scaled(text, 1024)),
      blocks: number('k', 0, text => scaled(text, 1024)),
      omit,
      parallel: Math.max(1, number('P', 1)),
      reverse: has('R'),
      bidirectional: has('bidir'),
      window: number('w', 0, text => scaled(text, 1024)),
      length: length === 0 && !has('u') ? 131072 : length,
      rate: number('b', has('u') ? 2 ** 20 : 0, text => scaled(text.replace(/\/.*/, ''), 1000)),
      maxSegment: number('M', 0),
      noDelay: has('N'),
      tos: number('S', 0, classOf) & 255,
      congestion: given.get('C'),
      title: given.get('T'),
    },
  }
}
