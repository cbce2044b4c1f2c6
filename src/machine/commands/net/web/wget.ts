import { errnoText, type TcpSocket, tcpSend } from '../../../../host/index.ts'
import { elapsed, second, type Task, utf8 } from '../../../../runtime/index.ts'
import { formatIp, type Ip, isIp6 } from '../../../../wire/address.ts'
import type { Command, Process } from '../../../command.ts'
import { strerror } from '../../../files/errno.ts'
import { formatDate } from '../../date.ts'
import { resolveErrors, resolveName } from '../dns/resolver.ts'
import { numericIp } from '../names.ts'
import { Refusal } from '../refusal.ts'
import { dial } from './connect.ts'
import { fieldOf, type Head, Reading, readBody } from './message.ts'
import { parseUrl, redirected, type Url } from './url.ts'
import { help, readArguments, version, type Wanted } from './wget-options.ts'
import { Dots, humanSize, humanTime, speed } from './wget-progress.ts'

/** wget's exit statuses. */
const generic = 1
const fileTrouble = 3
const networkTrouble = 4
const refusedUser = 6
const serverTrouble = 8

/** One call of wget. */
type Run = {
  process: Process
  wanted: Wanted
  /** Messages for `level` and more; as they are, without an end of line. */
  say: (text: string, level?: 'brief') => Task<void>
  files: number
  bytes: number
  seconds: number
}

/** What is known of a URL from one attempt to the next. */
type Transfer = {
  shown: string
  file: string
  got: number /** Whether a server has sent a part of it. */
  ours: boolean
}

/** How an attempt ended: with a status, with a place to go on, or with the wish to be made again. */
type Outcome = { status: number } | { location: string } | { again: string }

/** wget(1) for HTTP, as when stderr is no terminal. */
export const wget: Command = function* (process) {
  try {
    const wanted = readArguments(process.args.slice(1))
    if (wanted.shows !== undefined) {
      yield* process.print(wanted.shows === 'help' ? help : `GNU Wget ${version} built on linux-gnu.\n`)
      return 0
    }
    return yield* retrieveAll(begin(process, wanted))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    yield* process.error(error.text)
    return error.status
  }
}

/** Opens the log and the document. */
const begin = (process: Process, wanted: Wanted): Run => {
  const { files } = process.machine
  for (const [file, mode] of [
    [wanted.log, 'write'] as const,
    [wanted.document, wanted.resumes ? 'append' : 'write'] as const,
  ]) {
    if (file === undefined || file === '-') continue
    if (file === wanted.document && wanted.keepsOld && files.exists(process, file))
      throw new Refusal(`File '${file}' already there; not retrieving.`, generic)
    const opened = files.write(process, file, '', mode)
    if (!opened.ok) throw new Refusal(`${file}: ${strerror(opened.errno)}`, generic)
  }
  const say = function* (text: string, level?: 'brief'): Task<void> {
    if (wanted.talk === 'quiet' || (wanted.talk === 'brief' && level !== 'brief')) return
    if (wanted.log !== undefined) files.write(process, wanted.log, text, 'append')
    else yield* writeError(process, text)
  }
  return { process, wanted, say, files: 0, bytes: 0, seconds: 0 }
}

/** Bytes to stderr without an end of line. */
function* writeError(process: Process, text: string): Task<void> {
  const file = process.files.get(2)
  if (file !== undefined) yield* file.stream.write(utf8(text))
}

function* retrieveAll(run: Run): Task<number> {
  const { process, wanted, say } = run
  const began = process.clock.now()
  let worst = 0
  for (const text of wanted.urls) {
    const status = yield* retrieve(run, text)
    if (status !== 0 && (worst === 0 || status < worst)) worst = status
  }
  if (wanted.urls.length > 1 && run.bytes > 0)
    yield* say(
      `FINISHED --${stamp(process)}--\nTotal wall clock time: ${humanTime((process.clock.now() - began) / second)}\n` +
        `Downloaded: ${run.files} files, ${humanSize(run.bytes)} in ${humanTime(run.seconds)} (${speed(run.bytes, run.seconds)})\n`,
      'brief',
    )
  return worst
}

const stamp = (process: Process): string => formatDate('%F %T', process.machine.wallTime())

/** As wget writes it: the scheme is there, the usual port is not. */
const shownUrl = ({ scheme, host, port, path }: Url): string =>
  `${scheme}://${bracketed(host)}${port === 80 ? '' : `:${port}`}${path}`

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/** A URL, and what it redirects to; the status. */
function* retrieve(run: Run, text: string): Task<number> {
  const { wanted, say, process } = run
  let url = readUrl(text)
  if (typeof url === 'string') {
    yield* say(`${text}: ${url}.\n`, 'brief')
    return generic
  }
  const file = wanted.document ?? fileOf(run, url)
  if (wanted.keepsOld && wanted.document === undefined && process.machine.files.exists(process, file)) {
    yield* say(`File '${file}' already there; not retrieving.\n\n`)
    return 0
  }
  if (wanted.spider) yield* say('Spider mode enabled. Check if remote file exists.\n')
  for (let hops = 0; ; hops++) {
    const outcome = yield* persist(run, url, file)
    if ('status' in outcome) return outcome.status
    if (hops === wanted.mostRedirects) {
      yield* say(`${wanted.mostRedirects} redirections exceeded.\n`, 'brief')
      return serverTrouble
    }
    const next = redirected(url, outcome.location)
    if (next === undefined || next.scheme !== 'http') {
      yield* say(
        `${outcome.location}: ${next === undefined ? 'Invalid host name' : unsupported(next.scheme)}.\n`,
        'brief',
      )
      return generic
    }
    url = next
  }
}

const unsupported = (scheme: string): string =>
  scheme === 'https' ? 'HTTPS support not compiled in' : `Unsupported scheme '${scheme}'`

const readUrl = (text: string): Url | string => {
  const url = parseUrl(text)
  if (url === undefined)
    return /:\d+(\/|$)/.test(text.replace(/^\w+:\/\//, '')) ? 'Bad port number' : 'Invalid host name'
  return url.scheme === 'http' ? url : unsupported(url.scheme)
}

/** Where a document goes: the last part of its path, behind the prefix. */
const fileOf = ({ wanted }: Run, { path }: Url): string => {
  const [place = '', ...query] = path.split('?')
  const last = place.slice(place.lastIndexOf('/') + 1) || 'index.html'
  const name = query.length === 0 ? last : `${last}?${query.join('?').replaceAll('/', '%2F')}`
  return wanted.prefix === '.' ? name : `${wanted.prefix.replace(/\/+$/, '')}/${name}`
}

/** Attempts at one URL, each a second later than the one before, at most ten. */
function* persist(run: Run, url: Url, file: string): Task<Exclude<Outcome, { again: string }>> {
  const { process, wanted, say } = run
  const transfer: Transfer = { shown: shownUrl(url), file, got: 0, ours: false }
  for (let count = 1; ; count++) {
    const note = count === 1 ? '' : `(try:${`${count}`.padStart(2)})  `
    yield* say(`--${stamp(process)}--  ${note}${transfer.shown}\n`)
    const outcome = yield* attempt(run, url, transfer)
    if (!('again' in outcome)) return outcome
    const last = count >= wanted.tries
    yield* say(`${outcome.again}${last ? 'Giving up.' : 'Retrying.'}\n\n`)
    if (last) return { status: networkTrouble }
    yield elapsed(process.clock, Math.min(count, 10) * second)
  }
}

function* attempt(run: Run, url: Url, transfer: Transfer): Task<Outcome> {
  const socket = yield* open(run, url)
  if (!(typeof socket === 'object' && 'close' in socket)) return socket
  try {
    return yield* exchange(run, url, transfer, socket)
  } finally {
    socket.close()
  }
}

/** The connection, to the first address that takes it. */
function* open({ process, wanted, say }: Run, url: Url): Task<TcpSocket | Outcome> {
  const numeric = numericIp(url.host)
  let addresses: Ip[] = numeric === undefined ? [] : [numeric]
  if (numeric === undefined) {
    yield* say(`Resolving ${url.host} (${url.host})... `)
    const found = yield* resolveName(process, url.host, wanted.family)
    if (!found.ok) {
      yield* say(`failed: ${resolveErrors[found.why]}.\n`)
      yield* say(`wget: unable to resolve host address '${url.host}'\n`, 'brief')
      return { status: networkTrouble }
    }
    addresses = found.addresses
    const shown = addresses.slice(0, 3).map(formatIp).join(', ')
    yield* say(`${shown}${addresses.length > 3 ? ', ...' : ''}\n`)
  }
  let why = ''
  for (const ip of addresses) {
    const shown = isIp6(ip) ? `[${formatIp(ip)}]` : formatIp(ip)
    const place = numeric === undefined ? `${url.host} (${url.host})|${formatIp(ip)}|` : shown
    yield* say(`Connecting to ${place}:${url.port}... `)
    const made = yield* dial(process, ip, url.port, wanted.connectLimit)
    if (typeof made !== 'string') {
      yield* say('connected.\n')
      return made
    }
    why = made === 'timeout' ? errnoText.ETIMEDOUT : made
    yield* say(`failed: ${why}.\n`, 'brief')
  }
  const hopeless = [errnoText.ENETUNREACH, errnoText.EHOSTUNREACH, errnoText.ECONNREFUSED]
  return hopeless.includes(why as never) && !wanted.retriesRefused ? { status: networkTrouble } : { again: '' }
}

/** One request and its answer. */
function* exchange(run: Run, url: Url, transfer: Transfer, socket: TcpSocket): Task<Outcome> {
  const { process, wanted, say } = run
  const start = startOf(run, transfer)
  yield* say('HTTP request sent, awaiting response... ')
  const sent = yield* tcpSend(socket, utf8(requestOf(wanted, url, start)))
  if (!sent.ok) return { again: `Failed writing HTTP request: ${errnoText[sent.errno]}.\n` }
  const reading = new Reading(socket, { clock: process.clock, limit: wanted.readLimit })
  const head = yield* reading.head()
  if (head === undefined) {
    const { failure } = reading
    return {
      again: failure === undefined ? 'No data received.\n' : `Read error (${errnoText[failure]}) in headers.\n`,
    }
  }
  const [, code = '200', reason = ''] = /^HTTP\/\S+ +(\d+) ?(.*)$/.exec(head.first) ?? []
  const status = Number(code)
  if (wanted.showsHead)
    yield* say(
      `\n${head.text
        .trimEnd()
        .split(/\r?\n/)
        .map(line => `  ${line}\n`)
        .join('')}`,
    )
  else yield* say(`${code} ${reason}\n`)
  const location = fieldOf(head, 'location')
  if ([301, 302, 303, 307, 308].includes(status)) {
    yield* say(`Location: ${location === undefined ? 'unspecified' : `${location} [following]`}\n`)
    if (location !== undefined) return { location }
    yield* say(`ERROR: Redirection (${status}) without location.\n`, 'brief')
    return { status: serverTrouble }
  }
  if (status === 416 && start > 0) return yield* complete(run)
  if (status === 401) {
    yield* say('\nUsername/Password Authentication Failed.\n', 'brief')
    return { status: refusedUser }
  }
  if (status >= 400 || status < 200) return yield* refused(run, transfer, status, reason)
  if (wanted.spider) return yield* exists(run, transfer, head, `${code} ${reason}`)
  return yield* take(run, transfer, reading, head, status, start)
}

/** How many bytes of the document are there already. */
const startOf = ({ process, wanted }: Run, transfer: Transfer): number => {
  if (transfer.ours) return transfer.got
  if (!wanted.resumes || wanted.spider || transfer.file === '-') return 0
  const read = process.machine.files.read(process, transfer.file)
  return read.ok ? read.value.length : 0
}

const requestOf = (wanted: Wanted, url: Url, start: number): string => {
  const host = `${bracketed(url.host)}${url.port === 80 ? '' : `:${url.port}`}`
  const lines = [`Host: ${host}`, ...(start > 0 ? [`Range: bytes=${start}-`] : [])]
  if (wanted.agent !== '') lines.push(`User-Agent: ${wanted.agent}`)
  lines.push('Accept: */*', 'Accept-Encoding: identity', 'Connection: Keep-Alive')
  const nameOf = (line: string): string => line.slice(0, line.indexOf(':')).toLowerCase()
  for (const own of wanted.headers) {
    const at = lines.findIndex(line => nameOf(line) === nameOf(own))
    if (at < 0) lines.push(own)
    else lines[at] = own
  }
  return [`${wanted.spider ? 'HEAD' : 'GET'} ${url.path} HTTP/1.1`, ...lines, '', ''].join('\r\n')
}

function* complete({ say }: Run): Task<Outcome> {
  yield* say('\n    The file is already fully retrieved; nothing to do.\n\n')
  return { status: 0 }
}

function* refused({ process, wanted, say }: Run, { shown }: Transfer, code: number, reason: string): Task<Outcome> {
  if (wanted.talk === 'brief') yield* say(`${shown}:\n`, 'brief')
  if (wanted.spider) yield* say('Remote file does not exist -- broken link!!!\n', 'brief')
  else yield* say(`${stamp(process)} ERROR ${code}: ${reason}.\n`, 'brief')
  yield* say('\n')
  return { status: serverTrouble }
}

function* exists({ process, wanted, say }: Run, { shown }: Transfer, head: Head, answer: string): Task<Outcome> {
  if (wanted.talk === 'brief') yield* say(`${stamp(process)} URL: ${shown} ${answer}\n`, 'brief')
  const length = fieldOf(head, 'content-length')
  yield* say(lengthLine(length === undefined ? undefined : Number(length), 0, typeOf(head)))
  const html = /^(text\/html|application\/xhtml\+xml)$/.test(typeOf(head) ?? '')
  yield* say(
    html
      ? 'Remote file exists and could contain further links,\nbut recursion is disabled -- not retrieving.\n\n'
      : 'Remote file exists.\n\n',
  )
  return { status: 0 }
}

const typeOf = (head: Head): string | undefined => fieldOf(head, 'content-type')?.replace(/\s*;.*/, '')

const lengthLine = (total: number | undefined, start: number, type: string | undefined): string => {
  const shown = (size: number): string => (size >= 1024 ? `${size} (${humanSize(size)})` : `${size}`)
  const left = total === undefined || start === 0 ? '' : `, ${shown(total - start)} remaining`
  return `Length: ${total === undefined ? 'unspecified' : shown(total)}${left}${type === undefined ? '' : ` [${type}]`}\n`
}

/** Writes the body down. */
function* take(run: Run, transfer: Transfer, reading: Reading, head: Head, code: number, asked: number): Task<Outcome> {
  const { process, wanted, say } = run
  const field = fieldOf(head, 'content-length')
  const length = field === undefined || !/^\d+$/.test(field) ? undefined : Number(field)
  const start = code === 206 ? asked : 0
  if (code === 200 && asked > 0 && !transfer.ours && length === asked) return yield* complete(run)
  const total = length === undefined ? undefined : start + length
  const stdout = transfer.file === '-'
  const clash = !stdout && !transfer.ours && wanted.document === undefined && !wanted.resumes
  if (clash) transfer.file = freeName(run, transfer.file)
  if (code !== 204) {
    yield* say(lengthLine(total, start, typeOf(head)))
    yield* say(`Saving to: '${stdout ? 'STDOUT' : transfer.file}'\n`)
  }
  const opened = stdout || openFile(run, transfer, start)
  if (opened !== true) {
    yield* say(`${transfer.file}: ${opened}\n\nCannot write to '${transfer.file}' (${opened}).\n`, 'brief')
    return { status: fileTrouble }
  }
  const began = process.clock.now()
  const seconds = (): number => (process.clock.now() - began) / second
  const dots = new Dots(start, total)
  transfer.got = start
  transfer.ours = true
  if (code !== 204) yield* say(dots.begin())
  let trouble: string | undefined
  const whole =
    code === 204 ||
    (yield* readBody(reading, head, function* (part) {
      transfer.got += part.length
      yield* say(dots.draw(part.length, seconds()))
      if (stdout) yield* process.printBytes(part)
      else {
        const written = process.machine.files.write(process, transfer.file, part, 'append')
        if (!written.ok) trouble ??= strerror(written.errno)
      }
    }))
  const took = seconds()
  if (code !== 204) yield* say(dots.end(took))
  if (trouble !== undefined) {
    yield* say(`Cannot write to '${transfer.file}' (${trouble}).\n`, 'brief')
    return { status: fileTrouble }
  }
  const rate = `${stamp(process)} (${transfer.got === start ? '0.00 B/s' : speed(transfer.got - start, took)}) - `
  const { failure } = reading
  if (!whole || failure !== undefined) {
    const of = total === undefined ? '' : `/${total}`
    return {
      again: `${rate}${failure === undefined ? `Connection closed at byte ${transfer.got}. ` : `Read error at byte ${transfer.got}${of} (${errnoText[failure]}). `}`,
    }
  }
  const size = total === undefined ? `${transfer.got}` : `${transfer.got}/${total}`
  if (wanted.talk === 'brief') {
    yield* say(`${stamp(process)} URL:${transfer.shown} [${size}] -> "${transfer.file}" [1]\n`, 'brief')
  } else yield* say(`${rate}${stdout ? 'written to stdout' : `'${transfer.file}' saved`} [${size}]\n\n`)
  run.files++
  run.bytes += transfer.got - start
  run.seconds += took
  return { status: 0 }
}

/** The name, or the first of NAME.1, NAME.2, … that no file has. */
const freeName = ({ process }: Run, file: string): string => {
  const { files } = process.machine
  let name = file
  for (let i = 1; files.exists(process, name); i++) name = `${file}.${i}`
  return name
}

/** Makes the file and the directories above it; what is behind `start` goes, unless `-O` gathers documents. */
const openFile = ({ process, wanted }: Run, { file, ours }: Transfer, start: number): true | string => {
  const { files } = process.machine
  const slash = file.lastIndexOf('/')
  if (wanted.document === undefined && slash > 0) files.mkdirAll(process, file.slice(0, slash))
  const gathers = wanted.document !== undefined && !ours
  const opened = files.write(process, file, '', start > 0 || gathers ? 'append' : 'write')
  return opened.ok || strerror(opened.errno)
}
