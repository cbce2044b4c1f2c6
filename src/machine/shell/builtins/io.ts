import { fromUtf8, type Task } from '../../../runtime/index.ts'
import { echoText } from '../../commands/echo.ts'
import { printf } from '../../commands/printf.ts'
import { strerror } from '../../files/errno.ts'
import { absolute } from '../../files/path.ts'
import type { Builtins, Shell } from '../shell-types.ts'
import { evaluateTest, TestError } from '../test-expression.ts'

/** Builtins that read, print, test and change the directory. */
export const io: Builtins = {
  *echo(shell, args) {
    yield* shell.process.print(echoText(args))
    return 0
  },
  *printf(shell, args) {
    let [first, ...rest] = args
    let variable: string | undefined
    if (first === '-v' && rest.length > 0) [variable, first, ...rest] = rest
    if (first === '--') [first, ...rest] = rest
    if (first === undefined) {
      yield* shell.process.error('printf: usage: printf [-v var] format [arguments]')
      return 2
    }
    const printed = printf(first, rest)
    for (const error of printed.errors) yield* shell.complain(`printf: ${error}`)
    if (variable === undefined) yield* shell.process.print(printed.text)
    else shell.state.set(variable, printed.text)
    return printed.errors.length > 0 ? 1 : 0
  },
  test: (shell, args) => test(shell, 'test', args),
  *'['(shell, args) {
    if (args[args.length - 1] === ']') return yield* test(shell, '[', args.slice(0, -1))
    yield* shell.complain("[: missing `]'")
    return 2
  },
  *pwd(shell) {
    yield* shell.process.print(`${shell.process.cwd}\n`)
    return 0
  },
  *cd(shell, args) {
    const { state, process } = shell
    const [given, more] = args.filter(word => word !== '--' && word !== '-L' && word !== '-P')
    if (more !== undefined) {
      yield* shell.complain('cd: too many arguments')
      return 1
    }
    const target = given === undefined ? state.get('HOME') : given === '-' ? state.get('OLDPWD') : given
    if (target === undefined) {
      yield* shell.complain(`cd: ${given === '-' ? 'OLDPWD' : 'HOME'} not set`)
      return 1
    }
    const path = absolute(target, process.cwd)
    const found = process.machine.files.lookup(process, target === '' ? '.' : target)
    if (!found.ok || found.value.kind !== 'directory') {
      yield* shell.complain(`cd: ${target}: ${strerror(found.ok ? 'ENOTDIR' : found.errno)}`)
      return 1
    }
    state.set('OLDPWD', process.cwd)
    process.cwd = path
    state.set('PWD', path)
    if (given === '-') yield* process.print(`${path}\n`)
    return 0
  },
  *read(shell, args) {
    let raw = false
    let at = 0
    for (; at < args.length && /^-[rp]/.test(args[at] as string); at++) {
      const word = args[at] as string
      raw ||= word.includes('r')
      if (!word.includes('p')) continue
      const prompt = word.endsWith('p') ? args[++at] : word.slice(word.indexOf('p') + 1)
      if (shell.process.files.get(0)?.stream.terminal !== undefined) yield* writeError(shell, prompt ?? '')
    }
    const names = args.slice(at)
    const line = yield* shell.orInterrupt(readLine(shell, raw))
    assign(shell, names.length === 0 ? ['REPLY'] : names, line.text, names.length === 0)
    return line.ended ? 0 : 1
  },
}

/** Reads a line a byte at a time, so that what follows it is left for others. `\` keeps a character unless `raw`. */
export function* readLine(shell: Shell, raw: boolean): Task<{ text: string; ended: boolean }> {
  const stream = shell.process.files.get(0)?.stream
  const bytes: number[] = []
  for (;;) {
    const got = stream === undefined ? undefined : yield* stream.read(1)
    const ended = got === undefined || typeof got === 'string'
    const byte = ended ? 10 : (got[0] as number)
    if (byte !== 10) {
      bytes.push(byte)
      continue
    }
    const backslashes = trailing(bytes)
    if (!raw && !ended && backslashes % 2 === 1) {
      bytes.pop()
      continue
    }
    const text = fromUtf8(Uint8Array.from(bytes))
    return { text: raw ? text : text.replace(/\\([\s\S])/g, '\u0000$1'), ended: !ended }
  }
}

const trailing = (bytes: number[]): number => {
  let count = 0
  while (bytes[bytes.length - 1 - count] === 92) count++
  return count
}

/** Splits a line at $IFS among the names; the last takes the rest. A NUL marks a character that was escaped. */
const assign = (shell: Shell, names: string[], line: string, whole: boolean): void => {
  const ifs = shell.state.get('IFS') ?? ' \t\n'
  const plain = (text: string): string => text.replaceAll('\u0000', '')
  if (whole) {
    shell.state.set(names[0] as string, plain(line))
    return
  }
  const blank = (i: number): boolean => ' \t\n'.includes(line[i] as string) && ifs.includes(line[i] as string)
  const skip = (i: number): number => {
    let at = i
    while (at < line.length && blank(at)) at++
    return at
  }
  let at = skip(0)
  for (const [i, name] of names.entries()) {
    let end = at
    while (end < line.length && !ifs.includes(line[end] as string)) end += line[end] === '\u0000' ? 2 : 1
    let next = skip(end)
    if (next < line.length && !blank(next) && ifs.includes(line[next] as string)) next = skip(next + 1)
    if (i === names.length - 1 && next < line.length) {
      end = line.length
      while (end > at && blank(end - 1) && line[end - 2] !== '\u0000') end--
    }
    shell.state.set(name, plain(line.slice(at, end)))
    at = next
  }
}

function* writeError(shell: Shell, text: string): Task<void> {
  const file = shell.process.files.get(2)
  const bytes = Uint8Array.from([...text].map(character => character.charCodeAt(0)))
  if (file !== undefined) yield* file.stream.write(bytes)
}

function* test(shell: Shell, name: string, args: string[]): Task<number> {
  try {
    return evaluateTest(shell.process, args) ? 0 : 1
  } catch (error) {
    if (!(error instanceof TestError)) throw error
    yield* shell.complain(`${name}: ${error.message}`)
    return 2
  }
}
