import { errnoText, type TcpSocket, tcpAccept, tcpSend } from '../../../../host/index.ts'
import { type Task, utf8 } from '../../../../runtime/index.ts'
import { formatIp, type Ip } from '../../../../wire/address.ts'
import type { Command, Process } from '../../../command.ts'
import { parseOptions } from '../../../options.ts'
import { Crew } from '../crew.ts'
import { numericIp } from '../names.ts'
import { Refusal } from '../refusal.ts'
import { Reading } from './message.ts'
import { errorPage, listingPage, mediaTypeOf } from './pages.ts'

const usageLine = 'usage: server.py [-h] [-d DIRECTORY] [-b ADDRESS] [port]'
const usage = `${usageLine}

positional arguments:
  port                  bind to this port (default: 8000)

options:
  -h, --help            show this help message and exit
  -b ADDRESS, --bind ADDRESS
                        bind to this address (default: all interfaces)
  -d DIRECTORY, --directory DIRECTORY
                        serve this directory (default: current directory)
`

const letters = {
  h: 'none',
  help: 'none',
  b: 'required',
  bind: 'required',
  d: 'required',
  directory: 'required',
} as const

/** `python3 -m http.server`: a web server of the files in a directory. There is no other Python. */
export const python3: Command = function* (process) {
  const [, ...args] = process.args
  const flags = args[0] === '-u' ? args.slice(1) : args
  const module = flags[0] === '-m' ? flags[1] : flags[0]?.startsWith('-m') ? flags[0].slice(2) : undefined
  if (module === undefined) {
    if (flags[0] === '-V' || flags[0] === '--version') {
      yield* process.print('Python 3.11.2\n')
      return 0
    }
    return yield* process.fail(`${process.args[0]}: only -m http.server is there`, 2)
  }
  if (module !== 'http.server') return yield* process.fail(`/usr/bin/python3: No module named ${module}`, 1)
  const crew = new Crew()
  try {
    return yield* serve(process, flags.slice(flags[0] === '-m' ? 2 : 1), crew)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  } finally {
    crew.stop()
  }
}

const wrong = (text: string): Refusal => new Refusal(`${usageLine}\nserver.py: error: ${text}`, 2)

function* serve(process: Process, args: readonly string[], crew: Crew): Task<number> {
  const parsed = parseOptions(args, letters)
  if (!parsed.ok) throw wrong(parsed.error.replace(/^unrecognized option '(.*)'$/, 'unrecognized arguments: $1'))
  const value = (...names: string[]): string | undefined =>
    parsed.options.findLast(({ name }) => names.includes(name))?.value
  if (parsed.options.some(({ name }) => name === 'h' || name === 'help')) {
    yield* process.print(usage)
    return 0
  }
  const [word = '8000', ...more] = parsed.operands
  if (more.length > 0) throw wrong(`unrecognized arguments: ${more.join(' ')}`)
  if (!/^[+-]?\d+$/.test(word)) throw wrong(`argument port: invalid int value: '${word}'`)
  const root = value('d', 'directory') ?? process.cwd
  const bind = value('b', 'bind')
  const address = bind === undefined ? undefined : numericIp(bind)
  const listener = process.namespace.tcpSocket(typeof address === 'bigint' ? 6 : 4)
  listener.options.reuseAddress = true
  const bound = listener.bind(address, Number(word))
  const refused = bound.ok ? listener.listen(5) : bound
  if (!refused.ok) throw new Refusal(`OSError: [Errno ${numbers[refused.errno] ?? 22}] ${errnoText[refused.errno]}`, 1)
  const interrupts = process.catchSignal('INT')
  const host = address === undefined ? '0.0.0.0' : formatIp(address)
  const inUrl = typeof address === 'bigint' ? `[${host}]` : host
  yield* process.print(`Serving HTTP on ${host} port ${listener.port} (http://${inUrl}:${listener.port}/) ...\n`)
  crew.add(
    (function* (): Task<void> {
      for (;;) {
        const accepted = yield* tcpAccept(listener)
        if (!accepted.ok) return
        crew.add(answer(process, accepted.value, root))
      }
    })(),
  )
  let told = false
  crew.add(
    (function* (): Task<void> {
      yield interrupts.wait
      told = true
    })(),
  )
  try {
    yield* crew.join(() => told)
    yield* process.print('\nKeyboard interrupt received, exiting.\n')
    return 0
  } finally {
    listener.close()
  }
}

const numbers: Readonly<Record<string, number>> = { EADDRINUSE: 98, EADDRNOTAVAIL: 99, EACCES: 13 }

/** What a server says to one request. */
type Response = { status: number; reason: string; type: string; body: Uint8Array; fields: string[]; note?: string }

const page = (status: number, reason: string, text: string, note?: string): Response => ({
  status,
  reason,
  type: 'text/html;charset=utf-8',
  body: utf8(text),
  fields: [],
  ...(note === undefined ? {} : { note }),
})

const refusal = (status: number, message: string): Response => {
  const response = page(status, message, errorPage(status, message), `code ${status}, message ${message}`)
  return { ...response, fields: ['Connection: close'] }
}

/** One request of a connection: the answer is HTTP/1.0, so that the end of the connection ends it. */
function* answer(process: Process, socket: TcpSocket, root: string): Task<void> {
  try {
    const reading = new Reading(socket)
    const head = yield* reading.head()
    if (head === undefined) return
    const [method = '', target = '', version] = head.first.split(' ')
    const response =
      version === undefined || !/^HTTP\/1\.\d$/.test(version)
        ? refusal(400, `Bad request version ('${version ?? ''}')`)
        : method === 'GET' || method === 'HEAD'
          ? find(process, target, root)
          : refusal(501, `Unsupported method ('${method}')`)
    const client = formatIp((socket.peer as Ip | undefined) ?? 0)
    const time = stamp(process.machine.wallTime())
    if (response.note !== undefined) yield* process.error(`${client} - - [${time}] ${response.note}`)
    yield* process.error(`${client} - - [${time}] "${head.first}" ${response.status} -`)
    const { status, reason, type, body, fields } = response
    const date = new Date(process.machine.wallTime()).toUTCString()
    const lines = [`HTTP/1.0 ${status} ${reason}`, 'Server: SimpleHTTP/0.6 Python/3.11.2', `Date: ${date}`]
    const isError = response.note !== undefined
    const typeLine = `${isError ? 'Content-Type' : 'Content-type'}: ${type}`
    if (isError) lines.push(...fields, typeLine, `Content-Length: ${body.length}`)
    else lines.push(typeLine, `Content-Length: ${body.length}`, ...fields)
    yield* tcpSend(socket, utf8(`${lines.join('\r\n')}\r\n\r\n`))
    if (method !== 'HEAD') yield* tcpSend(socket, body)
    yield* process.work(body.length)
  } finally {
    socket.close()
  }
}

/** `01/Jan/2026 00:00:00`. */
const stamp = (wallTime: number): string => {
  const [, day, month, year, time] = new Date(wallTime).toUTCString().split(' ')
  return `${day}/${month}/${year} ${time}`
}

/** The file or directory of a target, which never leads out of the root. */
const find = (process: Process, target: string, root: string): Response => {
  const { files } = process.machine
  const [path = '/'] = target.split(/[?#]/)
  const decoded = decode(path)
  const words = decoded.split('/').filter(word => word !== '' && word !== '.' && word !== '..')
  const place = `${root === '/' ? '' : root}/${words.join('/')}`
  const named = files.isDirectory(process, place)
  if (named && !decoded.endsWith('/')) {
    const moved = page(301, 'Moved Permanently', '')
    return { ...moved, fields: [`Location: ${path}/`] }
  }
  if (named) {
    for (const index of ['index.html', 'index.htm'])
      if (files.exists(process, `${place}/${index}`)) return fileOf(process, `${place}/${index}`)
    const listed = files.list(process, place)
    if (!listed.ok) return refusal(404, 'No permission to list directory')
    const names = listed.value.map(([name, { kind }]) =>
      kind === 'directory' ? `${name}/` : kind === 'link' ? `${name}@` : name,
    )
    return { ...page(200, 'OK', listingPage(decoded, names)), type: 'text/html; charset=utf-8' }
  }
  return decoded.endsWith('/') ? refusal(404, 'File not found') : fileOf(process, place)
}

const fileOf = (process: Process, place: string): Response => {
  const read = process.machine.files.read(process, place)
  if (!read.ok) return refusal(404, 'File not found')
  const found = process.machine.files.lookup(process, place)
  const changed = found.ok ? process.machine.wallTime() - (process.clock.now() - found.value.changed) / 1e6 : 0
  const fields = [`Last-Modified: ${new Date(changed).toUTCString()}`]
  return { status: 200, reason: 'OK', type: mediaTypeOf(place), body: read.value, fields }
}

/** Percent signs and the bytes behind them; what is none stays as it is. */
const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
