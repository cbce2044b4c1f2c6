import { parseOptions } from '../../../options.ts'
import { Refusal } from '../refusal.ts'

/** What a run of tcpdump was asked for. */
export type TcpdumpOptions = {
  device: string | undefined
  count: number | undefined
  write: string | undefined
  read: string | undefined
  link: boolean
  verbose: number
  numeric: boolean
  quiet: boolean
  /** Copies of `-t`: 1 none, 2 seconds since 1970, 3 since the line before, 4 with the date, 5 since the first line. */
  time: number
  /** `-x` and `-X`, and whether the link header is in it. */
  dump: 'none' | 'hex' | 'text' | 'ascii'
  dumpLink: boolean
  numbered: boolean
  direction: 'in' | 'out' | 'inout'
  snapLength: number
  countOnly: boolean
  filter: string
}

const letters = {
  '#': 'none',
  number: 'none',
  A: 'none',
  B: 'required',
  c: 'required',
  count: 'none',
  D: 'none',
  'list-interfaces': 'none',
  e: 'none',
  i: 'required',
  interface: 'required',
  l: 'none',
  K: 'none',
  n: 'none',
  N: 'none',
  O: 'none',
  p: 'none',
  Q: 'required',
  direction: 'required',
  q: 'none',
  r: 'required',
  S: 'none',
  s: 'required',
  t: 'none',
  U: 'none',
  v: 'none',
  version: 'none',
  h: 'none',
  help: 'none',
  w: 'required',
  x: 'none',
  X: 'none',
} as const

const version = 'tcpdump version 4.99.3\nlibpcap version 1.10.3 (with TPACKET_V3)'
const usage = `Usage: tcpdump [-AeKlnNOpqStUvxX#] [ -B size ] [ -c count ] [--count]
\t\t[ -i interface ] [ -Q in|out|inout ]
\t\t[ -r file ] [ -s snaplen ] [ -w file ]
\t\t[ expression ]`

/** Reads tcpdump's arguments; a text is what to print before ending well: `-D` gives `'devices'`. */
export const readTcpdumpOptions = (args: readonly string[]): TcpdumpOptions | 'devices' | 'version' => {
  const parsed = parseOptions(args, letters, true)
  if (!parsed.ok) throw new Refusal(`tcpdump: ${parsed.error}\n${version}\n${usage}`, 1)
  const options: TcpdumpOptions = {
    device: undefined,
    count: undefined,
    write: undefined,
    read: undefined,
    link: false,
    verbose: 0,
    numeric: false,
    quiet: false,
    time: 0,
    dump: 'none',
    dumpLink: false,
    numbered: false,
    direction: 'inout',
    snapLength: 262144,
    countOnly: false,
    filter: parsed.operands.join(' '),
  }
  for (const { name, value = '' } of parsed.options) {
    switch (name as keyof typeof letters) {
      case '#':
      case 'number':
        options.numbered = true
        break
      case 'A':
        options.dump = 'ascii'
        break
      case 'c':
        options.count = Number(value)
        if (!/^\d+$/.test(value) || options.count < 1) throw new Refusal(`tcpdump: invalid packet count ${value}`, 1)
        break
      case 'count':
        options.countOnly = true
        break
      case 'D':
      case 'list-interfaces':
        return 'devices'
      case 'e':
        options.link = true
        break
      case 'i':
      case 'interface':
        options.device = value
        break
      case 'n':
        options.numeric = true
        break
      case 'Q':
      case 'direction':
        if (value !== 'in' && value !== 'out' && value !== 'inout')
          throw new Refusal(`tcpdump: unknown capture direction \`${value}'`, 1)
        options.direction = value
        break
      case 'q':
        options.quiet = true
        break
      case 'r':
        options.read = value
        break
      case 's':
        options.snapLength = Number(value)
        if (!/^\d+$/.test(value) || options.snapLength > 262144)
          throw new Refusal(`tcpdump: invalid snaplen ${value}`, 1)
        if (options.snapLength === 0) options.snapLength = 262144
        break
      case 't':
        options.time++
        break
      case 'v':
        options.verbose++
        break
      case 'version':
        return 'version'
      case 'h':
      case 'help':
        throw new Refusal(`${version}\n${usage}`, 0)
      case 'w':
        options.write = value
        break
      case 'x':
        options.dumpLink = options.dump === 'hex'
        options.dump = 'hex'
        break
      case 'X':
        options.dumpLink = options.dump === 'text'
        options.dump = 'text'
        break
      default:
    }
  }
  return options
}

export const tcpdumpVersion = `${version}\n`
