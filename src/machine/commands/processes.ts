import type { Command, Commands, Process } from '../command.ts'
import { strerror } from '../files/errno.ts'
import { byName, parseOptions, usage } from '../options.ts'
import { signalOf } from '../signals.ts'
import { linesOf } from './input.ts'

/** ps(1): `ps` the processes of this terminal, `ps -e`, `ps -ef`, `ps aux`. */
const ps: Command = function* (process) {
  const words = process.args.slice(1)
  const letters = words.join('').replaceAll('-', '')
  if (/[^aAeflxuwjo]/.test(letters))
    return yield* process.fail(
      "error: unsupported SysV option\n\nUsage:\n ps [options]\n\n Try 'ps --help <simple|list|output|threads|misc|all>'\n  or 'ps --help <s|l|o|t|m|a>'\n for additional help text.\n\nFor more details see ps(1).",
    )
  const all = /[aAexu]/.test(letters)
  const long = letters.includes('f')
  const user = letters.includes('u')
  const rows = [...process.machine.processes.values()].filter(each => all || each.pid !== 1)
  const heading = user
    ? 'USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND'
    : long
      ? 'UID          PID    PPID  C STIME TTY          TIME CMD'
      : '    PID TTY          TIME CMD'
  yield* process.print(`${heading}\n`)
  for (const each of rows) {
    const tty = each.files.get(0)?.stream.terminal === undefined ? '?' : 'pts/0'
    const command = each.args.join(' ')
    const started = new Date(process.machine.wallTime() - (process.clock.now() - each.started) / 1e6)
      .toISOString()
      .slice(11, 16)
    if (user)
      yield* process.print(
        `root     ${pid(each.pid)}  0.0  0.0      0     0 ${tty.padEnd(8)} ${(each === process ? 'R' : 'S').padEnd(4)} ${started}   0:00 ${command}\n`,
      )
    else if (long)
      yield* process.print(
        `root     ${pid(each.pid)} ${pid(each.parent?.pid ?? 0)}  0 ${started} ${tty.padEnd(8)} 00:00:00 ${command}\n`,
      )
    else yield* process.print(`${pid(each.pid)} ${tty.padEnd(8)} 00:00:00 ${each.args[0]}\n`)
  }
  return 0
}

const pid = (number: number): string => String(number).padStart(7)

/** kill(1), for those who call it by path; the shell has its own. */
const kill: Command = function* (process) {
  const words = process.args.slice(1)
  const named = words[0]?.startsWith('-') ? words.shift()?.slice(1) : undefined
  const signal = signalOf(named === 's' ? (words.shift() ?? '') : (named ?? 'TERM'))
  if (signal === undefined) return yield* process.fail(`kill: unknown signal ${named}`)
  return yield* signalAll(
    process,
    words.map(Number).map(number => process.machine.processes.get(number)),
    signal,
    words,
  )
}

function* signalAll(
  process: Process,
  targets: (Process | undefined)[],
  signal: NonNullable<ReturnType<typeof signalOf>>,
  words: readonly string[],
) {
  let status = 0
  for (const [i, target] of targets.entries()) {
    if (target === undefined) status = yield* process.fail(`kill: (${words[i]}): ${strerror('ESRCH')}`)
    else target.signal(signal)
  }
  if (process.ended) process.exit(process.status as number)
  return status
}

const byPattern = (act: 'print' | 'signal'): Command =>
  function* (process) {
    const parsed = parseOptions(
      process.args.slice(1).filter(word => !/^-(\d+|[A-Z]{3,})$/.test(word)),
      { f: 'none', x: 'none', l: 'none', a: 'none' },
    )
    if (!parsed.ok) return yield* usage(process, parsed.error, 2)
    const flags = byName(parsed.options)
    const named = process.args.find(word => /^-(\d+|[A-Z]{3,})$/.test(word))
    const signal = signalOf(named?.slice(1) ?? 'TERM')
    const [pattern] = parsed.operands
    if (pattern === undefined || signal === undefined)
      return yield* usage(process, 'only one pattern can be provided', 2)
    let found = false
    for (const each of [...process.machine.processes.values()]) {
      const text = flags.has('f') ? each.args.join(' ') : (each.args[0] ?? '')
      if (each === process || each.pid === 1 || !(flags.has('x') ? text === pattern : text.includes(pattern))) continue
      found = true
      if (act === 'signal') each.signal(signal)
      else
        yield* process.print(
          `${each.pid}${flags.has('l') || flags.has('a') ? ` ${flags.has('a') ? each.args.join(' ') : each.args[0]}` : ''}\n`,
        )
    }
    return found ? 0 : 1
  }

/** env(1): the environment, or a command in a changed one. */
const env: Command = function* (process) {
  const parsed = parseOptions(
    process.args.slice(1),
    { i: 'none', 'ignore-environment': 'none', u: 'required', unset: 'required' },
    true,
  )
  if (!parsed.ok) return yield* usage(process, parsed.error, 125)
  const changed = new Map(process.env)
  for (const { name, value } of parsed.options) {
    if (name[0] === 'i') changed.clear()
    else changed.delete(value as string)
  }
  const words = [...parsed.operands]
  while (words[0]?.includes('=')) {
    const word = words.shift() as string
    changed.set(word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1))
  }
  if (words.length === 0) {
    yield* process.print([...changed].map(([name, value]) => `${name}=${value}\n`).join(''))
    return 0
  }
  const found = process.machine.find(words[0] as string, process)
  if (found.kind !== 'command')
    return yield* process.fail(
      `env: '${words[0]}': ${found.kind === 'none' && found.status === 126 ? found.why : 'No such file or directory'}`,
      found.kind === 'none' ? found.status : 127,
    )
  return yield* process.spawn(found.command, { args: words, env: changed }).wait()
}

/** xargs(1): `-n`, `-I`, `-r`, `-0`, `-d`; without a command, echo. */
const xargs: Command = function* (process) {
  const parsed = parseOptions(
    process.args.slice(1),
    { n: 'required', I: 'required', r: 'none', '0': 'none', d: 'required', t: 'none', L: 'required', P: 'required' },
    true,
  )
  if (!parsed.ok) return yield* usage(process, parsed.error)
  const given = byName(parsed.options)
  const words = parsed.operands.length === 0 ? ['echo'] : parsed.operands
  const text = linesOf(yield* process.readAll())
  const mark = given.get('I')
  const items =
    mark !== undefined || given.has('L')
      ? text.map(line => line.trim()).filter(line => line !== '')
      : given.has('0')
        ? text
            .join('\n')
            .split('\0')
            .filter(item => item !== '')
        : given.has('d')
          ? text.join('\n').split(given.get('d')?.replace('\\n', '\n') ?? '\n')
          : text.flatMap(quotedWords)
  const size = mark !== undefined ? 1 : Number(given.get('n') ?? given.get('L') ?? 5000)
  if (!(size > 0)) return yield* process.fail(`xargs: value ${given.get('n')} for -n option should be >= 1`)
  const found = process.machine.find(words[0] as string, process)
  if (found.kind !== 'command') return yield* process.fail(`xargs: ${words[0]}: No such file or directory`, 127)
  let status = 0
  for (let i = 0; i < items.length || (i === 0 && !given.has('r') && mark === undefined); i += size) {
    const batch = items.slice(i, i + size)
    const args =
      mark === undefined ? [...words, ...batch] : words.map(word => word.replaceAll(mark, batch[0] as string))
    if (given.has('t')) yield* process.error(args.join(' '))
    const one = yield* process.spawn(found.command, { args }).wait()
    if (one === 255) return yield* process.fail(`xargs: ${words[0]}: exited with status 255; aborting`, 124)
    if (one !== 0) status = 123
  }
  return status
}

const quotedWords = (line: string): string[] =>
  (line.match(/(?:"[^"]*"|'[^']*'|\\.|[^\s"'\\])+/g) ?? []).map(word =>
    word.replace(/"([^"]*)"|'([^']*)'|\\(.)/g, '$1$2$3'),
  )

/** Programs about processes: ps, kill, pkill, pgrep, env, xargs. */
export const processCommands: Commands = { ps, kill, pkill: byPattern('signal'), pgrep: byPattern('print'), env, xargs }
