import { second } from '../../../../runtime/index.ts'
import { type OptionTable, parseOptions } from '../../../options.ts'
import { Refusal } from '../refusal.ts'

export const version = '1.21.3'

export const help = `GNU Wget ${version}, a non-interactive network retriever.
Usage: wget [OPTION]... [URL]...

Mandatory arguments to long options are mandatory for short options too.

  -V,  --version               display the version of Wget and exit
  -h,  --help                  print this help
  -o,  --output-file=FILE      log messages to FILE
  -q,  --quiet                 quiet (no output)
  -v,  --verbose               be verbose (this is the default)
  -nv, --no-verbose            turn off verboseness, without being quiet
  -t,  --tries=NUMBER          set number of retries to NUMBER (0 unlimits)
       --retry-connrefused     retry even if connection is refused
  -O,  --output-document=FILE  write documents to FILE
  -nc, --no-clobber            skip downloads that would download to existing files
  -c,  --continue              resume getting a partially-downloaded file
  -S,  --server-response       print server response
       --spider                don't download anything
  -T,  --timeout=SECONDS       set all timeout values to SECONDS
  -4,  --inet4-only            connect only to IPv4 addresses
  -6,  --inet6-only            connect only to IPv6 addresses
  -P,  --directory-prefix=PREFIX  save files to PREFIX/..
       --header=STRING         insert STRING among the headers
       --max-redirect          maximum redirections allowed per page
  -U,  --user-agent=AGENT      identify as AGENT instead of Wget/VERSION
       --no-check-certificate  don't validate the server's certificate
`

const hint = "Usage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options."

/** Each option with its letter; `n` stands for all that begin with it (`-nv`, `-nc`). */
const table = {
  V: 'none',
  version: 'none',
  h: 'none',
  help: 'none',
  o: 'required',
  'output-file': 'required',
  q: 'none',
  quiet: 'none',
  v: 'none',
  verbose: 'none',
  n: 'required',
  'no-verbose': 'none',
  t: 'required',
  tries: 'required',
  'retry-connrefused': 'none',
  O: 'required',
  'output-document': 'required',
  'no-clobber': 'none',
  c: 'none',
  continue: 'none',
  S: 'none',
  'server-response': 'none',
  spider: 'none',
  T: 'required',
  timeout: 'required',
  '4': 'none',
  'inet4-only': 'none',
  '6': 'none',
  'inet6-only': 'none',
  P: 'required',
  'directory-prefix': 'required',
  header: 'required',
  'max-redirect': 'required',
  U: 'required',
  'user-agent': 'required',
  'no-check-certificate': 'none',
} as const satisfies OptionTable

/** What was asked for; times in nanoseconds. */
export type Wanted = {
  shows: 'help' | 'version' | undefined
  urls: readonly string[]
  talk: 'quiet' | 'brief' | 'all'
  log: string | undefined
  /** Attempts at a URL. */
  tries: number
  retriesRefused: boolean
  document: string | undefined
  keepsOld: boolean
  resumes: boolean
  showsHead: boolean
  spider: boolean
  connectLimit: number
  readLimit: number
  family: 4 | 6 | undefined
  prefix: string
  headers: readonly string[]
  mostRedirects: number
  agent: string
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 }

const usualRead = 900 * second

/** Reads wget's arguments. Throws a `Refusal`. */
export const readArguments = (args: readonly string[]): Wanted => {
  const parsed = parseOptions(args, table)
  if (!parsed.ok) throw new Refusal(`wget: ${parsed.error}\n${hint}`, 2)
  const letters = parsed.options.flatMap(({ name, value }) => (name === 'n' ? [...(value ?? '')] : []))
  const wrong = letters.find(letter => !'vcdHp'.includes(letter))
  if (wrong !== undefined) throw new Refusal(`wget: invalid option -- 'n${wrong}'\n${hint}`, 2)
  const has = (...names: string[]): boolean => parsed.options.some(({ name }) => names.includes(name))
  const values = (...names: string[]): string[] =>
    parsed.options.filter(({ name }) => names.includes(name)).map(({ value }) => value ?? '')
  const value = (...names: string[]): string | undefined => values(...names).at(-1)
  const limit = value('T', 'timeout')
  const [, digits, unit = 's'] = /^(\d*\.?\d+|\d+\.)([smhdw]?)$/.exec(limit ?? '0') ?? []
  if (digits === undefined) throw new Refusal(`wget: --timeout: Invalid time period '${limit}'`, 2)
  const nanoseconds = Number(digits) * (units[unit || 's'] as number) * second
  const headers = values('header')
  const bad = headers.find(line => !/^[^:\s]+:/.test(line))
  if (bad !== undefined) throw new Refusal(`wget: --header: Invalid header '${bad}'.`, 2)
  const tries = Number(value('t', 'tries') ?? 20)
  const shows = has('h', 'help') ? 'help' : has('V', 'version') ? 'version' : undefined
  if (parsed.operands.length === 0 && shows === undefined) throw new Refusal(`wget: missing URL\n${hint}`, 1)
  const endless = limit !== undefined && nanoseconds === 0
  return {
    shows,
    urls: parsed.operands,
    talk: has('q', 'quiet') ? 'quiet' : has('no-verbose') || letters.includes('v') ? 'brief' : 'all',
    log: value('o', 'output-file'),
    tries: tries > 0 ? tries : Number.POSITIVE_INFINITY,
    retriesRefused: has('retry-connrefused'),
    document: value('O', 'output-document'),
    keepsOld: has('no-clobber') || letters.includes('c'),
    resumes: has('c', 'continue'),
    showsHead: has('S', 'server-response'),
    spider: has('spider'),
    connectLimit: limit === undefined || endless ? Number.POSITIVE_INFINITY : nanoseconds,
    readLimit: limit === undefined ? usualRead : endless ? Number.POSITIVE_INFINITY : nanoseconds,
    family: has('6', 'inet6-only') ? 6 : has('4', 'inet4-only') ? 4 : undefined,
    prefix: value('P', 'directory-prefix') ?? '.',
    headers,
    mostRedirects: Number(value('max-redirect') ?? 20),
    agent: value('U', 'user-agent') ?? `Wget/${version}`,
  }
}
