import { errnoText, type TcpSocket, tcpSend } from '../../../../host/index.ts'
import { elapsed, millisecond, second, type Task, utf8 } from '../../../../runtime/index.ts'
import { formatIp, isIp6 } from '../../../../wire/address.ts'
import type { Command, Process } from '../../../command.ts'
import { strerror } from '../../../files/errno.ts'
import { parseOptions } from '../../../options.ts'
import { Crew } from '../crew.ts'
import { resolveName } from '../dns/resolver.ts'
import { numericIp } from '../names.ts'
import { Refusal } from '../refusal.ts'
import { dial } from './connect.ts'
import { fieldOf, type Head, Reading, readBody } from './message.ts'
import { parseUrl, redirected, type Url } from './url.ts'

const version = 'curl 7.88.1'
const hint = "curl: try 'curl --help' or 'curl --manual' for more information"
const help = `Usage: curl [options...] <url>
 -4, --ipv4                 Resolve names to IPv4 addresses
 -6, --ipv6                 Resolve names to IPv6 addresses
 -A, --user-agent <name>    Send User-Agent <name> to server
     --connect-timeout <seconds> Maximum time allowed for connection
 -d, --data <data>          HTTP POST data
 -f, --fail                 Fail fast with no output on HTTP errors
 -H, --header <header/@file> Pass custom header(s) to server
 -h, --help <category>      Get help for commands
 -I, --head                 Show document info only
 -i, --include              Include protocol response headers in the output
 -L, --location             Follow redirects
 -m, --max-time <seconds>   Maximum time allowed for transfer
 -o, --output <file>        Write to file instead of stdout
 -O, --remote-name          Write output to a file named as the remote file
 -X, --request <method>     Specify request method to use
 -s, --silent               Silent mode
 -S, --show-error           Show error even when -s is used
 -V, --version              Show version number and quit
 -v, --verbose              Make the operation more talkative
 -w, --write-out <format>   Use output FORMAT after completion
`

const letters = {
  '4': 'none',
  ipv4: 'none',
  '6': 'none',
  ipv6: 'none',
  A: 'required',
  'user-agent': 'required',
  'connect-timeout': 'required',
  d: 'required',
  data: 'required',
  f: 'none',
  fail: 'none',
  H: 'required',
  header: 'required',
  h: 'none',
  help: 'none',
  I: 'none',
  head: 'none',
  i: 'none',
  include: 'none',
  L: 'none',
  location: 'none',
  m: 'required',
  'max-time': 'required',
  o: 'required',
  output: 'required',
  O: 'none',
  'remote-name': 'none',
  X: 'required',
  request: 'required',
  s: 'none',
  silent: 'none',
  S: 'none',
  'show-error': 'none',
  V: 'none',
  version: 'none',
  v: 'none',
  verbose: 'none',
  w: 'required',
  'write-out': 'required',
} as const

type Run = {
  process: Process
  crew: Crew
  has: (...names: string[]) => boolean
  value: (...names: string[]) => string | undefined
  values: (...names: string[]) => string[]
  /** When the transfer must be done, in the clock's time. */
  deadline: number
  began: number
  received: number
  status: number
}

/** What curl ends with: a message and a status. */
const failure = (text: string, status: number): Refusal => new Refusal(`curl: (${status}) ${text}`, status)

/** curl(1) for HTTP. It has no progress meter. */
export const curl: Command = function* (process) {
  const crew = new Crew()
  let quiet = false
  try {
    const parsed = parseOptions(process.args.slice(1), letters)
    if (!parsed.ok) throw new Refusal(`${complaint(parsed.error)}\n${hint}`, 2)
    const has = (...names: string[]): boolean => parsed.options.some(({ name }) => names.includes(name))
    const values = (...names: string[]): string[] =>
      parsed.options.filter(({ name }) => names.includes(name)).map(({ value }) => value ?? '')
    const value = (...names: string[]): string | undefined => values(...names).at(-1)
    if (has('h', 'help')) {
      yield* process.print(help)
      return 0
    }
    if (has('V', 'version')) {
      yield* process.print(`${version}\nProtocols: http\n`)
      return 0
    }
    quiet = has('s', 'silent') && !has('S', 'show-error')
    const [text, ...more] = parsed.operands
    if (text === undefined) throw new Refusal(hint, 2)
    const limit = Number(value('m', 'max-time') ?? Number.POSITIVE_INFINITY)
    const began = process.clock.now()
    let status = 0
    for (const each of [text, ...more]) {
      const run: Run = {
        process,
        crew,
        has,
        value,
        values,
        deadline: began + limit * second,
        began,
        received: 0,
        status: 0,
      }
      yield* within(run, transfer(run, each))
      status = run.status
    }
    return status
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (!quiet || error.status === 2) yield* process.error(error.text)
    return error.status
  } finally {
    crew.stop()
  }
}

const complaint = (error: string): string => {
  const unknown = /^(?:unrecognized option|invalid option --) '(.*)'$/.exec(error)?.[1]
  if (unknown !== undefined) return `curl: option ${unknown.length === 1 ? `-${unknown}` : unknown}: is unknown`
  const lacking = /'(?:--)?([^']*)'/.exec(error)?.[1] ?? ''
  return `curl: option ${lacking.length === 1 ? `-${lacking}` : `--${lacking}`}: requires parameter`
}

/** Does something for at most `-m` seconds. */
function* within(run: Run, task: Task<void>): Task<void> {
  const { crew, process, deadline } = run
  let over = false
  let late = false
  crew.add(
    (function* (): Task<void> {
      yield* task
      over = true
    })(),
  )
  if (deadline < Number.POSITIVE_INFINITY && !over)
    crew.add(
      (function* (): Task<void> {
        yield elapsed(process.clock, Math.max(0, deadline - process.clock.now()))
        late = true
      })(),
    )
  yield* crew.join(() => over || late)
  if (over) return
  const took = Math.round((process.clock.now() - run.began) / millisecond)
  throw failure(`Operation timed out after ${took} milliseconds with ${run.received} bytes received`, 28)
}

const mostRedirects = 50

function* transfer(run: Run, text: string): Task<void> {
  let url = parseUrl(text)
  for (let i = 0; ; i++) {
    if (url === undefined) throw failure(`URL using bad/illegal format or missing URL`, 3)
    if (url.scheme !== 'http') throw failure(`Protocol "${url.scheme}" not supported or disabled in libcurl`, 1)
    const next = yield* request(run, url)
    if (next === undefined) return
    if (i === mostRedirects) throw failure(`Maximum (${mostRedirects}) redirects followed`, 47)
    url = redirected(url, next)
  }
}

/** One request; gives where to go on, if `-L` asks for that. */
function* request(run: Run, url: Url): Task<string | undefined> {
  const { has, value } = run
  const socket = yield* open(run, url)
  try {
    const data = run.values('d', 'data')
    const method = value('X', 'request') ?? (has('I', 'head') ? 'HEAD' : data.length > 0 ? 'POST' : 'GET')
    yield* say(run, socket, url, method, data)
    const reading = new Reading(socket)
    const head = yield* reading.head()
    if (head === undefined) throw failure('Empty reply from server', 52)
    if (!head.first.startsWith('HTTP/')) throw failure('Received HTTP/0.9 when not allowed', 1)
    return yield* hear(run, url, method, reading, head)
  } finally {
    socket.close()
  }
}

/** The connection, to the first address that takes it. */
function* open(run: Run, url: Url): Task<TcpSocket> {
  const { process, has, value } = run
  const family = has('6', 'ipv6') ? 6 : has('4', 'ipv4') ? 4 : undefined
  const numeric = numericIp(url.host)
  const found = numeric === undefined ? yield* resolveName(process, url.host, family) : undefined
  const addresses = numeric === undefined ? (found?.ok === true ? found.addresses : []) : [numeric]
  if (addresses.length === 0) throw failure(`Could not resolve host: ${url.host}`, 6)
  const began = process.clock.now()
  const limit = Number(value('connect-timeout') ?? 300) * second
  for (const ip of addresses) {
    const shown = isIp6(ip) ? `[${formatIp(ip)}]` : formatIp(ip)
    if (has('v', 'verbose')) yield* process.error(`*   Trying ${shown}:${url.port}...`)
    const why = yield* dial(process, ip, url.port, limit)
    if (typeof why !== 'string') {
      if (has('v', 'verbose'))
        yield* process.error(`* Connected to ${url.host} (${formatIp(ip)}) port ${url.port} (#0)`)
      return why
    }
    if (has('v', 'verbose')) yield* process.error(`* connect to ${formatIp(ip)} port ${url.port} failed: ${why}`)
    if (why === 'timeout') {
      const took = Math.round((process.clock.now() - began) / millisecond)
      throw failure(`Failed to connect to ${url.host} port ${url.port} after ${took} ms: Timeout was reached`, 28)
    }
  }
  const took = Math.round((process.clock.now() - began) / millisecond)
  throw failure(`Failed to connect to ${url.host} port ${url.port} after ${took} ms: Couldn't connect to server`, 7)
}

function* say(run: Run, socket: TcpSocket, url: Url, method: string, data: readonly string[]): Task<void> {
  const { process, has, value, values } = run
  const own = values('H', 'header')
  const isSet = (name: string): boolean => own.some(line => line.toLowerCase().startsWith(`${name}:`))
  const body = utf8(data.join('&'))
  const lines = [`${method} ${url.path} HTTP/1.1`]
  if (!isSet('host')) lines.push(`Host: ${url.shown}`)
  if (!isSet('user-agent')) lines.push(`User-Agent: ${value('A', 'user-agent') ?? version.replace(' ', '/')}`)
  if (!isSet('accept')) lines.push('Accept: */*')
  lines.push(...own.filter(line => !/:\s*$/.test(line)))
  if (data.length > 0) {
    lines.push(`Content-Length: ${body.length}`)
    if (!isSet('content-type')) lines.push('Content-Type: application/x-www-form-urlencoded')
  }
  if (has('v', 'verbose')) for (const line of [...lines, '']) yield* process.error(`> ${line}\r`)
  const sent = yield* tcpSend(socket, utf8(`${lines.join('\r\n')}\r\n\r\n`))
  if (sent.ok && body.length > 0) yield* tcpSend(socket, body)
  if (!sent.ok) throw failure(`Send failure: ${errnoText[sent.errno]}`, 55)
}

function* hear(run: Run, url: Url, method: string, reading: Reading, head: Head): Task<string | undefined> {
  const { process, has, value } = run
  const code = Number(head.first.split(' ')[1])
  if (has('v', 'verbose')) for (const line of head.text.split('\r\n').slice(0, -1)) yield* process.error(`< ${line}\r`)
  const location = fieldOf(head, 'location')
  const follows = has('L', 'location') && code >= 300 && code < 400 && location !== undefined
  if (has('f', 'fail') && code >= 400) throw failure(`The requested URL returned error: ${code}`, 22)
  const name = has('O', 'remote-name') ? url.path.replace(/[?].*/, '').replace(/^.*\//, '') : value('o', 'output')
  if (name === '') throw failure('Failed writing received data to disk/application', 23)
  let begun = false
  const put = function* (bytes: Uint8Array): Task<void> {
    if (name === undefined || name === '-') {
      yield* process.printBytes(bytes)
      return
    }
    const written = process.machine.files.write(process, name, bytes, begun ? 'append' : 'write')
    begun = true
    if (!written.ok) {
      yield* process.error(`Warning: Failed to open the file ${name}: ${strerror(written.errno)}`)
      throw failure('Failure writing output to destination', 23)
    }
  }
  if (has('I', 'head') || has('i', 'include')) yield* put(utf8(head.text))
  let size = 0
  const bodiless = method === 'HEAD' || code === 204 || code === 304
  const whole =
    bodiless ||
    (yield* readBody(reading, head, function* (part) {
      size += part.length
      run.received = size
      if (!follows) yield* put(part)
    }))
  if (!begun && name !== undefined && name !== '-' && !follows) yield* put(new Uint8Array(0))
  if (has('v', 'verbose')) yield* process.error('* Closing connection 0')
  if (!whole) {
    const left = Number(fieldOf(head, 'content-length') ?? 0) - size
    throw failure(`transfer closed with ${left} bytes remaining to read`, 18)
  }
  if (follows) return location
  const format = value('w', 'write-out')
  if (format !== undefined)
    yield* process.print(
      written(format, {
        http_code: `${code}`.padStart(3, '0'),
        response_code: `${code}`,
        size_download: `${size}`,
        time_total: ((process.clock.now() - run.began) / second).toFixed(6),
        url_effective: `http://${url.shown}${url.path}`,
      }),
    )
  return undefined
}

/** `-w`: `%{name}`, `\n` and `%%`. */
const written = (format: string, values: Readonly<Record<string, string>>): string =>
  format.replaceAll(/%\{(\w+)\}|%%|\\([nrt])/g, (all, name: string | undefined, letter: string | undefined) => {
    if (letter !== undefined) return { n: '\n', r: '\r', t: '\t' }[letter] ?? all
    return name === undefined ? '%' : (values[name] ?? '')
  })
