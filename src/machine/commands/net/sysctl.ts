import { errnoText } from '../../../host/index.ts'
import type { Task } from '../../../runtime/index.ts'
import type { Command, Process } from '../../command.ts'
import { parseOptions } from '../../options.ts'

const usage = `
Usage:
 sysctl [options] [variable[=value] ...]

Options:
  -a, --all            display all variables
  -b, --binary         print value without new line
  -e, --ignore         ignore unknown variables errors
  -N, --names          print variable names without values
  -n, --values         print only values of the given variable(s)
  -p, --load[=<file>]  read values from file
  -f                   alias of -p
  -r, --pattern <expression>
                       select setting that match expression
  -q, --quiet          do not echo variable set
  -w, --write          enable writing a value to variable

 -h, --help     display this help and exit
 -V, --version  output version information and exit

For more details see sysctl(8).`

const letters = {
  a: 'none',
  all: 'none',
  A: 'none',
  X: 'none',
  b: 'none',
  binary: 'none',
  e: 'none',
  ignore: 'none',
  N: 'none',
  names: 'none',
  n: 'none',
  values: 'none',
  p: 'none',
  f: 'none',
  load: 'optional',
  r: 'required',
  pattern: 'required',
  q: 'none',
  quiet: 'none',
  w: 'none',
  write: 'none',
  h: 'none',
  help: 'none',
  V: 'none',
  version: 'none',
} as const

const hostname = 'kernel.hostname'

/** The settings of the process's network namespace, and the machine's name. */
const namesOf = (process: Process): string[] => [hostname, ...process.namespace.settings.names()].sort()

const settingOf = (process: Process, name: string): string | undefined =>
  name === hostname ? process.machine.hostname : process.namespace.settings.get(name)

/** The dotted name of what was written with dots or slashes: in `net/ipv4/conf/eth0.1/x` a dot is part of a name. */
const dotted = (word: string): string => (/^[^.]*\//.test(word) ? word.replaceAll('/', '.') : word)

/** sysctl(8) of procps-ng 4.0. */
export const sysctl: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), letters)
  if (!parsed.ok) return yield* process.fail(`sysctl: ${parsed.error}\n${usage}`)
  const chosen = (...names: string[]): boolean => parsed.options.some(option => names.includes(option.name))
  if (chosen('V', 'version')) {
    yield* process.print('sysctl from procps-ng 4.0.2\n')
    return 0
  }
  if (chosen('h', 'help')) {
    yield* process.print(`${usage}\n`)
    return 0
  }
  const how: How = {
    show: chosen('b', 'binary') ? 'binary' : chosen('n', 'values') ? 'value' : chosen('N', 'names') ? 'name' : 'both',
    quiet: chosen('q', 'quiet'),
    write: chosen('w', 'write'),
    ignore: chosen('e', 'ignore'),
  }
  if (chosen('a', 'all', 'A', 'X')) return yield* showAll(process, how, parsed.options)
  if (chosen('p', 'f', 'load')) return yield* load(process, how, parsed.operands)
  if (parsed.operands.length === 0) {
    const unchosen = parsed.options.length > 0
    return yield* process.fail(
      unchosen ? "sysctl: no variables specified\nTry `sysctl --help' for more information." : usage,
    )
  }
  let failures = 0
  for (const word of parsed.operands) if (!(yield* one(process, word, how))) failures++
  return failures
}

type How = { show: 'both' | 'value' | 'name' | 'binary'; quiet: boolean; write: boolean; ignore: boolean }

const shown = (name: string, value: string, { show }: How): string =>
  show === 'binary' ? value : show === 'value' ? `${value}\n` : show === 'name' ? `${name}\n` : `${name} = ${value}\n`

function* showAll(
  process: Process,
  how: How,
  options: readonly { name: string; value: string | undefined }[],
): Task<number> {
  const pattern = options.find(option => option.name === 'r' || option.name === 'pattern')?.value ?? ''
  const wanted = namesOf(process).filter(name => name.includes(pattern))
  yield* process.print(wanted.map(name => shown(name, settingOf(process, name) ?? '', how)).join(''))
  return 0
}

/** Lines of a file, `/etc/sysctl.conf` if none is named: `name = value`, comments with `#` or `;`. */
function* load(process: Process, how: How, operands: readonly string[]): Task<number> {
  const name = operands[0] ?? '/etc/sysctl.conf'
  const text = process.machine.files.readText(process, name)
  if (!text.ok) return yield* process.fail(`sysctl: cannot open "${name}": ${errnoText.ENOENT}`)
  let failures = 0
  for (const line of text.value.split('\n').map(each => each.trim()))
    if (line !== '' && !/^[#;]/.test(line) && !(yield* one(process, line, how))) failures++
  return failures
}

function* one(process: Process, word: string, how: How): Task<boolean> {
  const equals = word.indexOf('=')
  const name = dotted((equals < 0 ? word : word.slice(0, equals)).trim().replace(/^-/, ''))
  if (equals < 0 && how.write) {
    yield* process.error('sysctl: command line(0): invalid syntax, continuing...')
    return false
  }
  const below = namesOf(process).filter(each => each.startsWith(`${name}.`))
  const value = settingOf(process, name)
  if (value === undefined && (below.length === 0 || equals >= 0)) {
    if (how.ignore) return true
    yield* process.error(`sysctl: cannot stat /proc/sys/${name.replaceAll('.', '/')}: ${errnoText.ENOENT}`)
    return false
  }
  if (equals >= 0) return yield* write(process, name, word.slice(equals + 1).trim(), how)
  const entries = value === undefined ? below : [name]
  yield* process.print(entries.map(each => shown(each, settingOf(process, each) ?? '', how)).join(''))
  return true
}

function* write(process: Process, name: string, value: string, how: How): Task<boolean> {
  if (name === hostname) process.machine.hostname = value
  else {
    const set = process.namespace.settings.set(name, value)
    if (!set.ok) {
      yield* process.error(`sysctl: setting key "${name}": ${errnoText[set.errno]}`)
      return false
    }
  }
  if (!how.quiet) yield* process.print(shown(name, value, how))
  return true
}
