import type { PathMtuDiscovery } from '../../../../host/index.ts'
import { parseOptions } from '../../../options.ts'
import { Refusal } from '../refusal.ts'

/** What a run of ping was asked for. Times are nanoseconds. */
export type PingOptions = {
  family: 4 | 6 | undefined
  count: number | undefined
  interval: number
  size: number
  /** How long to wait for a first answer behind the last request. */
  linger: number
  deadline: number | undefined
  ttl: number | undefined
  tos: number
  source: string | undefined
  pathMtu: PathMtuDiscovery | undefined
  pattern: number[] | undefined
  preload: number
  broadcast: boolean
  quiet: boolean
  numeric: boolean
  stamps: boolean
  flood: boolean
  outstanding: boolean
  destination: string
}

const usage = `
Usage
  ping [options] <destination>

Options:
  <destination>      dns name or ip address
  -c <count>         stop after <count> replies
  -D                 print timestamps
  -f                 flood ping
  -h                 print help and exit
  -I <interface>     either interface name or address
  -i <interval>      seconds between sending each packet
  -l <preload>       send <preload> number of packages while waiting replies
  -M <pmtud opt>     define mtu discovery, can be one of <do|dont|want>
  -n                 no dns name resolution
  -O                 report outstanding replies
  -p <pattern>       contents of padding byte
  -q                 quiet output
  -Q <tclass>        use quality of service <tclass> bits
  -s <size>          use <size> as number of data bytes to be sent
  -t <ttl>           define time to live
  -V                 print version and exit
  -w <deadline>      reply wait <deadline> in seconds
  -W <timeout>       time to wait for response

IPv4 options:
  -4                 use IPv4
  -b                 allow pinging broadcast

IPv6 options:
  -6                 use IPv6

For more details see ping(8).`

const letters = {
  '4': 'none',
  '6': 'none',
  a: 'none',
  b: 'none',
  B: 'none',
  c: 'required',
  D: 'none',
  f: 'none',
  h: 'none',
  i: 'required',
  I: 'required',
  l: 'required',
  L: 'none',
  m: 'required',
  M: 'required',
  n: 'none',
  O: 'none',
  p: 'required',
  q: 'none',
  Q: 'required',
  s: 'required',
  S: 'required',
  t: 'required',
  U: 'none',
  v: 'none',
  V: 'none',
  w: 'required',
  W: 'required',
} as const

const whole = (text: string, least: number, most: number, mostText = String(most)): number => {
  if (!/^[+-]?(0x[0-9a-f]+|\d+)$/i.test(text)) throw new Refusal(`ping: invalid argument: '${text}'`, 1)
  const value = Number(text)
  if (value < least || value > most)
    throw new Refusal(`ping: invalid argument: '${text}': out of range: ${least} <= value <= ${mostText}`, 1)
  return value
}

const seconds = (text: string, what: string): number => {
  if (!/^\+?(\d+\.?\d*|\.\d+)$/.test(text)) throw new Refusal(`ping: ${what}: ${text}`, 2)
  return Number(text) * 1e9
}

const discoveries: Record<string, PathMtuDiscovery> = { do: 'do', dont: 'dont', want: 'want', probe: 'probe' }

/** Reads ping's arguments; `'version'` for `-V`. */
export const readPingOptions = (name: string, args: readonly string[]): PingOptions | 'version' => {
  const parsed = parseOptions(args, letters)
  if (!parsed.ok) throw new Refusal(`${name}: ${parsed.error}\n${usage}`, 2)
  const options: PingOptions = {
    family: name === 'ping6' ? 6 : undefined,
    count: undefined,
    interval: 1e9,
    size: 56,
    linger: 10e9,
    deadline: undefined,
    ttl: undefined,
    tos: 0,
    source: undefined,
    pathMtu: undefined,
    pattern: undefined,
    preload: 1,
    broadcast: false,
    quiet: false,
    numeric: false,
    stamps: false,
    flood: false,
    outstanding: false,
    destination: '',
  }
  let paced = false
  for (const { name: letter, value = '' } of parsed.options) {
    switch (letter as keyof typeof letters) {
      case '4':
        options.family = 4
        break
      case '6':
        options.family = 6
        break
      case 'b':
        options.broadcast = true
        break
      case 'c':
        options.count = whole(value, 1, 2 ** 63, '9223372036854775807')
        break
      case 'D':
        options.stamps = true
        break
      case 'f':
        options.flood = true
        break
      case 'h':
        throw new Refusal(usage, 2)
      case 'i':
        options.interval = seconds(value, 'bad timing interval')
        paced = true
        break
      case 'I':
        options.source = value
        break
      case 'l':
        options.preload = whole(value, 1, 65536)
        break
      case 'M':
        options.pathMtu = discoveries[value]
        if (options.pathMtu === undefined) throw new Refusal(`ping: invalid -M argument: ${value}`, 2)
        break
      case 'n':
        options.numeric = true
        break
      case 'O':
        options.outstanding = true
        break
      case 'p':
        options.pattern = patternOf(value)
        break
      case 'q':
        options.quiet = true
        break
      case 'Q':
        options.tos = whole(value, 0, 255)
        break
      case 's':
        options.size = whole(value, 0, 127992)
        break
      case 't':
        options.ttl = whole(value, 0, 255)
        break
      case 'V':
        return 'version'
      case 'w':
        options.deadline = whole(value, 0, 2147483647) * 1e9
        break
      case 'W':
        options.linger = seconds(value, 'bad linger time')
        break
      default:
    }
  }
  if (options.flood && !paced) options.interval = 0
  if (options.deadline === 0) options.deadline = undefined
  const [destination, ...more] = parsed.operands
  if (destination === undefined) throw new Refusal('ping: usage error: Destination address required', 1)
  if (more.length > 0) throw new Refusal('ping: record route: Operation not permitted', 2)
  return { ...options, destination }
}

const patternOf = (text: string): number[] => {
  if (!/^[0-9a-fA-F]+$/.test(text)) throw new Refusal(`ping: patterns must be specified as hex digits: ${text}`, 2)
  return (text.match(/../g) ?? []).slice(0, 16).map(pair => Number.parseInt(pair, 16))
}
