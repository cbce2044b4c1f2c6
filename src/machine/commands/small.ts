import type { Command, Commands } from '../command.ts'
import { parseOptions, usage } from '../options.ts'
import { evaluateTest, TestError } from '../shell/test-expression.ts'
import { echoText } from './echo.ts'
import { printf as format } from './printf.ts'

const echo: Command = function* (process) {
  yield* process.print(echoText(process.args.slice(1)))
  return 0
}

const printf: Command = function* (process) {
  const [first, ...rest] = process.args.slice(1)
  if (first === undefined) return yield* usage(process, 'missing operand')
  const printed = format(first, rest)
  for (const error of printed.errors) yield* process.error(`printf: ${error}`)
  yield* process.print(printed.text)
  return printed.errors.length > 0 ? 1 : 0
}

const test: Command = function* (process) {
  const words = process.args.slice(1)
  const bracket = process.args[0] === '['
  if (bracket && words.pop() !== ']') return yield* process.fail("[: missing ']'", 2)
  try {
    return evaluateTest(process, words) ? 0 : 1
  } catch (error) {
    if (!(error instanceof TestError)) throw error
    return yield* process.fail(`${process.args[0]}: ${error.message}`, 2)
  }
}

const status = (value: number): Command =>
  // biome-ignore lint/correctness/useYield: it ends at once
  function* () {
    return value
  }

const line = (text: (process: Parameters<Command>[0]) => string): Command =>
  function* (process) {
    yield* process.print(`${text(process)}\n`)
    return 0
  }

/** hostname(1): prints the name, `-s` its first part; with an operand sets it. */
const hostname: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), {
    s: 'none',
    short: 'none',
    f: 'none',
    fqdn: 'none',
    I: 'none',
    i: 'none',
  })
  if (!parsed.ok) return yield* process.fail(`hostname: ${parsed.error}`)
  const [name] = parsed.operands
  if (name !== undefined) {
    process.machine.hostname = name
    return 0
  }
  const whole = process.machine.hostname
  yield* process.print(`${parsed.options.some(option => option.name[0] === 's') ? whole.split('.')[0] : whole}\n`)
  return 0
}

/** What `uname -r` says. */
export const kernelRelease = '6.1.0-weft'

/** uname(1), of a Linux 6.1 on x86_64. */
const uname: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), {
    a: 'none',
    all: 'none',
    s: 'none',
    n: 'none',
    r: 'none',
    v: 'none',
    m: 'none',
    p: 'none',
    i: 'none',
    o: 'none',
  })
  if (!parsed.ok) return yield* usage(process, parsed.error)
  const [extra] = parsed.operands
  if (extra !== undefined) return yield* usage(process, `extra operand '${extra}'`)
  const parts: [string, string][] = [
    ['s', 'Linux'],
    ['n', process.machine.hostname],
    ['r', kernelRelease],
    ['v', '#1 SMP PREEMPT_DYNAMIC'],
    ['m', 'x86_64'],
    ['p', 'unknown'],
    ['i', 'unknown'],
    ['o', 'GNU/Linux'],
  ]
  const chosen = parsed.options.map(option => option.name[0] as string)
  const shown = chosen.includes('a')
    ? parts.filter(([, value]) => value !== 'unknown')
    : chosen.length === 0
      ? parts.slice(0, 1)
      : parts.filter(([letter]) => chosen.includes(letter))
  yield* process.print(`${shown.map(([, value]) => value).join(' ')}\n`)
  return 0
}

/** seq(1): first, step, last; `-s` separator, `-w` equal width, `-f` format. */
const seq: Command = function* (process) {
  const words = process.args.slice(1)
  // A negative number is an operand, not options.
  const split = words.findIndex(word => /^-\d/.test(word))
  const parsed = parseOptions(
    split < 0 ? words : words.slice(0, split),
    { s: 'required', separator: 'required', w: 'none', 'equal-width': 'none', f: 'required' },
    true,
  )
  if (!parsed.ok) return yield* usage(process, parsed.error)
  const operands = split < 0 ? parsed.operands : [...parsed.operands, ...words.slice(split)]
  if (operands.length === 0) return yield* usage(process, 'missing operand')
  if (operands.length > 3) return yield* usage(process, `extra operand '${operands[3]}'`)
  const wrong = operands.find(word => !/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(word))
  if (wrong !== undefined) return yield* usage(process, `invalid floating point argument: '${wrong}'`)
  const first = operands.length > 1 ? (operands[0] as string) : '1'
  const step = operands.length > 2 ? (operands[1] as string) : '1'
  const last = operands.at(-1) as string
  if (Number(step) === 0) return yield* usage(process, `invalid Zero increment value: '${step}'`)
  const places = Math.max(decimals(first), decimals(step))
  const value = (name: string): string | undefined => parsed.options.find(option => option.name[0] === name)?.value
  const separator = value('s') ?? '\n'
  const equal = parsed.options.some(option => option.name === 'w' || option.name === 'equal-width')
  const width = equal ? Math.max(Number(first).toFixed(places).length, Number(last).toFixed(places).length) : 0
  const most = Math.floor((Number(last) - Number(first)) / Number(step) + 1e-10)
  let part = ''
  for (let i = 0; i <= most; i++) {
    const number = Number(first) + i * Number(step)
    const text = number.toFixed(places)
    const shown =
      value('f') === undefined
        ? text.startsWith('-')
          ? `-${text.slice(1).padStart(width - 1, '0')}`
          : text.padStart(width, '0')
        : format(value('f') as string, [String(number)]).text
    part += `${i > 0 ? separator : ''}${shown}`
    if (part.length < 4096) continue
    yield* process.print(part)
    part = ''
  }
  yield* process.print(most >= 0 ? `${part}\n` : '')
  return 0
}

const decimals = (text: string): number => (text.includes('.') ? text.length - text.indexOf('.') - 1 : 0)

const which: Command = function* (process) {
  const names = process.args.slice(1).filter(word => word !== '-a')
  let missing = names.length === 0
  for (const name of names) {
    const found = process.machine.find(name, process)
    if (found.kind === 'none') missing = true
    else yield* process.print(`${found.path}\n`)
  }
  return missing ? 1 : 0
}

const yes: Command = function* (process) {
  const text = `${process.args.length > 1 ? process.args.slice(1).join(' ') : 'y'}\n`.repeat(256)
  for (;;) yield* process.print(text)
}

const clear: Command = function* (process) {
  yield* process.print('\x1b[H\x1b[2J\x1b[3J')
  return 0
}

/** Programs of a few lines. */
export const smallCommands: Commands = {
  echo,
  printf,
  test,
  '[': test,
  true: status(0),
  false: status(1),
  pwd: line(process => process.cwd),
  whoami: line(() => 'root'),
  id: line(() => 'uid=0(root) gid=0(root) groups=0(root)'),
  nproc: line(() => '1'),
  tty: line(process => (process.files.get(0)?.stream.terminal === undefined ? 'not a tty' : '/dev/pts/0')),
  hostname,
  uname,
  seq,
  which,
  yes,
  clear,
}
