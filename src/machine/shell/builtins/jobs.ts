import type { Task } from '../../../runtime/index.ts'
import type { Process } from '../../command.ts'
import { strerror } from '../../files/errno.ts'
import { signalNumbers, signalOf } from '../../signals.ts'
import type { Builtins, Shell } from '../shell-types.ts'
import type { Job } from '../state.ts'

/** Builtins for jobs and commands. */
export const jobs: Builtins = {
  *jobs(shell, args) {
    const { state } = shell
    for (const job of state.jobs)
      yield* shell.process.print(
        args.includes('-p') ? `${job.process.pid}\n` : describe(shell, job, args.includes('-l')),
      )
    state.jobs = state.jobs.filter(job => !job.process.ended)
    return 0
  },
  *wait(shell, args) {
    const { state } = shell
    if (args.length === 0) {
      for (const job of state.jobs) yield* ended(shell, job.process)
      state.jobs = []
      return 0
    }
    let status = 0
    for (const word of args) {
      const job = find(shell, word)
      if (job === undefined) {
        yield* shell.complain(
          word.startsWith('%')
            ? `wait: ${word}: no such job`
            : /^\d+$/.test(word)
              ? `wait: pid ${word} is not a child of this shell`
              : `wait: \`${word}': not a pid or valid job spec`,
        )
        status = 127
        continue
      }
      status = yield* ended(shell, job.process)
      state.jobs = state.jobs.filter(other => other !== job)
    }
    return status
  },
  *fg(shell, [word]) {
    const job = word === undefined ? shell.state.jobs.at(-1) : find(shell, word)
    if (job === undefined) {
      yield* shell.complain(`fg: ${word ?? 'current'}: no such job`)
      return 1
    }
    yield* shell.process.print(`${job.text}\n`)
    shell.state.jobs = shell.state.jobs.filter(other => other !== job)
    return yield* ended(shell, job.process)
  },
  *kill(shell, args) {
    let name = 'TERM'
    let rest = args
    const [flag] = args
    if (flag === '-l') {
      yield* shell.process.print(
        `${Object.entries(signalNumbers)
          .map(([each, number]) => `${number}) SIG${each}`)
          .join(' ')}\n`,
      )
      return 0
    }
    if (flag === '-s' || flag === '-n') {
      name = args[1] ?? ''
      rest = args.slice(2)
    } else if (flag !== undefined && flag !== '--' && flag.startsWith('-') && flag.length > 1) {
      name = flag.slice(1)
      rest = args.slice(1)
    }
    if (rest[0] === '--') rest = rest.slice(1)
    const signal = name === '0' ? undefined : signalOf(name)
    if (name !== '0' && signal === undefined) {
      yield* shell.complain(`kill: ${name}: invalid signal specification`)
      return 1
    }
    if (rest.length === 0) {
      yield* shell.process.error(
        'kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]',
      )
      return 2
    }
    let status = 0
    for (const word of rest) {
      const target = yield* targetOf(shell, word)
      if (target === undefined) status = 1
      else if (signal !== undefined) target.signal(signal)
    }
    if (shell.process.ended) shell.process.exit(shell.process.status as number)
    return status
  },
  *command(shell, args) {
    const [first, ...rest] = args
    if (first === '-v' || first === '-V')
      return yield* describeAll(shell, rest, first === '-V' ? 'long' : 'short', first === '-V' ? 'command' : undefined)
    const words = first === '--' || first === '-p' ? rest : args
    if (words.length === 0) return 0
    return yield* shell.invoke(words, 'command')
  },
  *type(shell, args) {
    if (args[0] === '-t') return yield* describeAll(shell, args.slice(1), 'kind', undefined)
    return yield* describeAll(shell, args, 'long', 'type')
  },
}

function* ended(shell: Shell, process: Process): Task<number> {
  while (!process.ended) {
    yield* shell.waitOr(resume => {
      let over = false
      // The wait of a process is a task; here it must be one of several things waited for.
      const pending = process.wait()
      const step = (): void => {
        const next = pending.next()
        if (over) return
        if (next.done) resume()
        else cancel = next.value(step)
      }
      let cancel = (): void => {}
      step()
      return () => {
        over = true
        cancel()
      }
    })
  }
  return process.status as number
}

const find = (shell: Shell, word: string): Job | undefined => {
  const { jobs: all } = shell.state
  if (word === '%%' || word === '%+' || word === '%') return all.at(-1)
  if (word === '%-') return all.at(-2) ?? all.at(-1)
  if (/^%\d+$/.test(word)) return all.find(job => job.number === Number(word.slice(1)))
  if (word.startsWith('%')) return all.find(job => job.text.startsWith(word.slice(1)))
  return all.find(job => String(job.process.pid) === word)
}

function* targetOf(shell: Shell, word: string): Task<Process | undefined> {
  if (word.startsWith('%')) {
    const job = find(shell, word)
    if (job === undefined) yield* shell.complain(`kill: ${word}: no such job`)
    return job?.process
  }
  if (!/^\d+$/.test(word)) {
    yield* shell.complain(`kill: ${word}: arguments must be process or job IDs`)
    return undefined
  }
  const found = shell.process.machine.processes.get(Number(word))
  if (found === undefined) yield* shell.complain(`kill: (${word}) - ${strerror('ESRCH')}`)
  return found
}

/** `[1]+  Running                 sleep 5 &`, as `jobs` and a prompt print it. */
export const describe = (shell: Shell, job: Job, withPid = false): string => {
  const { jobs: all } = shell.state
  const mark = job === all.at(-1) ? '+' : job === all.at(-2) ? '-' : ' '
  const { status, endedBy } = job.process
  const killed: Record<string, string> = {
    TERM: 'Terminated',
    KILL: 'Killed',
    INT: 'Interrupt',
    HUP: 'Hangup',
    PIPE: 'Broken pipe',
  }
  const state =
    status === undefined
      ? 'Running'
      : endedBy !== undefined
        ? (killed[endedBy] ?? endedBy)
        : status === 0
          ? 'Done'
          : `Exit ${status}`
  const pid = withPid ? `${job.process.pid} ` : ''
  return `[${job.number}]${mark}  ${pid}${state.padEnd(23)} ${job.text}${status === undefined ? ' &' : ''}\n`
}

const keywords = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'while',
  'until',
  'for',
  'in',
  'do',
  'done',
  'case',
  'esac',
  'function',
  '{',
  '}',
  '!',
  '[[',
  ']]',
])

function* describeAll(
  shell: Shell,
  names: string[],
  form: 'short' | 'long' | 'kind',
  complaint: string | undefined,
): Task<number> {
  let status = 0
  for (const name of names) {
    const found = shell.process.machine.find(name, shell.process)
    const kind = keywords.has(name)
      ? 'keyword'
      : shell.state.functions.has(name)
        ? 'function'
        : Object.hasOwn(shell.builtins, name)
          ? 'builtin'
          : found.kind !== 'none'
            ? 'file'
            : undefined
    if (kind === undefined) {
      status = 1
      if (complaint !== undefined) yield* shell.complain(`${complaint}: ${name}: not found`)
    } else if (form === 'kind') yield* shell.process.print(`${kind}\n`)
    else {
      const path = found.kind === 'none' ? '' : found.path
      const long =
        kind === 'file'
          ? `${name} is ${path}`
          : `${name} is a ${kind === 'keyword' ? 'shell keyword' : kind === 'builtin' ? 'shell builtin' : 'function'}`
      yield* shell.process.print(`${form === 'long' ? long : kind === 'file' ? path : name}\n`)
    }
  }
  return status
}
