import { type SocketRow, socketRows } from '../../../../host/index.ts'
import { formatIp, type Ip } from '../../../../wire/address.ts'
import type { Command } from '../../../command.ts'
import { parseOptions } from '../../../options.ts'
import { nameOfAddress } from '../names.ts'
import { Refusal } from '../refusal.ts'
import { serviceOf } from '../services.ts'
import { parseFilter } from './filter.ts'
import { infoText, timerText } from './info.ts'
import { shortState } from './states.ts'

const usage = `Usage: ss [ OPTIONS ]
       ss [ OPTIONS ] [ FILTER ]
   -h, --help          this message
   -V, --version       output version information
   -n, --numeric       don't resolve service names
   -r, --resolve       resolve host names
   -a, --all           display all sockets
   -l, --listening     display listening sockets
   -o, --options       show timer information
   -e, --extended      show detailed socket information
   -p, --processes     show process using socket
   -i, --info          show internal TCP information
   -s, --summary       show socket usage summary

   -4, --ipv4          display only IP version 4 sockets
   -6, --ipv6          display only IP version 6 sockets
   -t, --tcp           display only TCP sockets
   -u, --udp           display only UDP sockets
   -x, --unix          display only Unix domain sockets
   -f, --family=FAMILY display sockets of type FAMILY
       FAMILY := {inet|inet6|help}

   -H, --no-header     Suppress header line
   -O, --oneline       socket's data printed on a single line`

const letters = {
  h: 'none',
  help: 'none',
  V: 'none',
  version: 'none',
  n: 'none',
  numeric: 'none',
  r: 'none',
  resolve: 'none',
  a: 'none',
  all: 'none',
  l: 'none',
  listening: 'none',
  o: 'none',
  options: 'none',
  e: 'none',
  extended: 'none',
  p: 'none',
  processes: 'none',
  i: 'none',
  info: 'none',
  s: 'none',
  summary: 'none',
  '4': 'none',
  ipv4: 'none',
  '6': 'none',
  ipv6: 'none',
  t: 'none',
  tcp: 'none',
  u: 'none',
  udp: 'none',
  x: 'none',
  unix: 'none',
  f: 'required',
  family: 'required',
  H: 'none',
  'no-header': 'none',
  O: 'none',
  oneline: 'none',
} as const

const heading = ['Netid', 'State', 'Recv-Q', 'Send-Q', 'Local Address:', 'Port', 'Peer Address:', 'Port', 'Process']
/** What is right-aligned: addresses, up to their colons; and what has no blank before it. */
const right = new Set([4, 6])
const joined = new Set([0, 5, 7, 8])

/** ss(8) of iproute2: the sockets of the namespace. */
export const ss: Command = function* (process) {
  try {
    const parsed = parseOptions(process.args.slice(1), letters)
    if (!parsed.ok) throw new Refusal(`ss: ${parsed.error}\n${usage}`, 255)
    const has = (...names: string[]): boolean => parsed.options.some(option => names.includes(option.name))
    if (has('h', 'help')) {
      yield* process.print(`${usage}\n`)
      return 0
    }
    if (has('V', 'version')) {
      yield* process.print('ss utility, iproute2-6.1.0\n')
      return 0
    }
    const rows = socketRows(process.namespace)
    if (has('s', 'summary')) {
      yield* process.print(summary(rows))
      return 0
    }
    const family = parsed.options.findLast(option => option.name === 'f' || option.name === 'family')?.value
    const six = has('6', 'ipv6') || family === 'inet6'
    const four = has('4', 'ipv4') || family === 'inet'
    const kinds = new Set<string>()
    if (has('t', 'tcp')) kinds.add('tcp')
    if (has('u', 'udp')) kinds.add('udp')
    if (has('x', 'unix')) kinds.add('unix')
    if (kinds.size === 0) kinds.add('tcp').add('udp')
    const { filter, states } = parseFilter(parsed.operands)
    const wanted = (row: SocketRow): boolean => {
      if (!kinds.has(row.protocol) || (four !== six && row.family !== (six ? 6 : 4))) return false
      if (states !== undefined) return states.has(row.state)
      const listens = row.state === 'LISTEN' || row.state === 'CLOSED'
      if (has('a', 'all')) return true
      if (has('l', 'listening')) return listens
      return !listens && row.state !== 'TIME_WAIT' && row.state !== 'SYN_RECV'
    }
    const byKind = (row: SocketRow): number => (row.protocol === 'udp' ? 0 : 2) + (row.family === 6 ? 1 : 0)
    const shown = rows.filter(row => wanted(row) && filter(row)).sort((a, b) => byKind(a) - byKind(b))
    const names = {
      host: (ip: Ip): string => (has('r', 'resolve') ? (nameOfAddress(process, ip) ?? bracketed(ip)) : bracketed(ip)),
      port: (port: number, protocol: 'tcp' | 'udp'): string =>
        (has('n', 'numeric') ? undefined : serviceOf(port, protocol)) ?? `${port}`,
    }
    const hidden = new Set<number>()
    if (kinds.size === 1) hidden.add(0)
    if (states?.size === 1) hidden.add(1)
    const now = process.clock.now()
    const cells = shown.map(row => {
      const process = has('o', 'options') ? timerText(row, now) : ''
      return { line: cellsOf(row, names, process), info: has('i', 'info') ? infoText(row) : undefined }
    })
    const head = has('H', 'no-header') ? [] : [{ line: heading, info: undefined }]
    // The queues are six wide, also without a heading.
    const widths = heading.map((_, i) =>
      Math.max(i === 2 || i === 3 ? 6 : 0, ...[...head, ...cells].map(({ line }) => (line[i] as string).length)),
    )
    for (const { line, info } of [...head, ...cells]) {
      const text = join(line, widths, hidden)
      if (info === undefined) yield* process.print(`${text}\n`)
      else yield* process.print(has('O', 'oneline') ? `${text} ${info}\n` : `${text}\n\t ${info}\n`)
    }
    return 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  }
}

const join = (cells: readonly string[], widths: readonly number[], hidden: ReadonlySet<number>): string => {
  let text = ''
  let isFirst = true
  for (const [i, cell] of cells.entries()) {
    if (hidden.has(i)) continue
    if (!isFirst && !joined.has(i)) text += ' '
    isFirst = false
    text += right.has(i) ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number)
  }
  return text
}

const bracketed = (ip: Ip): string => (typeof ip === 'bigint' ? `[${formatIp(ip)}]` : formatIp(ip))

type Names = { host: (ip: Ip) => string; port: (port: number, protocol: 'tcp' | 'udp') => string }

const cellsOf = (row: SocketRow, names: Names, process: string): string[] => {
  const any = row.family === 4 ? '0.0.0.0' : row.dual ? '*' : '[::]'
  const zone = row.link === undefined ? '' : `%${row.link.name}`
  const end = (ip: Ip | undefined, port: number, own: boolean): [string, string] => [
    `${ip === undefined ? any : names.host(ip)}${own ? zone : ''}:`,
    port === 0 ? '*' : names.port(port, row.protocol),
  ]
  return [
    row.protocol,
    shortState[row.state],
    `${row.received}`,
    `${row.toSend}`,
    ...end(row.local, row.localPort, true),
    ...end(row.remote, row.remotePort, false),
    process,
  ]
}

/** The table of `-s`. */
const summary = (rows: readonly SocketRow[]): string => {
  const count = (test: (row: SocketRow) => boolean): number => rows.filter(test).length
  const isTcp = (row: SocketRow): boolean => row.protocol === 'tcp'
  const waits = count(row => row.state === 'TIME_WAIT')
  const open = count(row => isTcp(row) && (row.state === 'ESTABLISHED' || row.state === 'CLOSE_WAIT'))
  const orphans = count(row => row.connection?.orphan === true && row.state !== 'TIME_WAIT')
  const line = (name: string, protocol: string): string => {
    const own = (row: SocketRow): boolean => (protocol === '' || row.protocol === protocol) && row.state !== 'TIME_WAIT'
    const numbers = [count(own), count(row => own(row) && row.family === 4), count(row => own(row) && row.family === 6)]
    return `${name}\t  ${numbers.map(number => `${number}`.padEnd(9)).join(' ')}\n`
  }
  return `Total: ${rows.length - waits}
TCP:   ${count(isTcp)} (estab ${open}, closed ${waits}, orphaned ${orphans}, timewait ${waits})

Transport Total     IP        IPv6
RAW\t  0         0         0        
${line('UDP', 'udp')}${line('TCP', 'tcp')}${line('INET', '')}FRAG\t  0         0         0        

`
}
