import type { Namespace } from '../../../../host/index.ts'
import type { Task } from '../../../../runtime/index.ts'
import type { Process } from '../../../command.ts'
import { strerror } from '../../../files/errno.ts'
import { virtual } from '../../../files/node.ts'
import { sh } from '../../../shell/sh.ts'
import { knownNamespaces } from '../netns-id.ts'
import { Refusal } from '../refusal.ts'
import { type IpCall, type IpObject, unknownCommand } from './call.ts'
import { jsonList } from './json.ts'
import { netnsHelp } from './usage.ts'
import { abbreviated } from './words.ts'

const directory = '/run/netns'
const commands = ['list', 'show', 'lst', 'help', 'add', 'delete', 'identify', 'pids', 'exec'] as const

/** `ip netns`. */
export const netns: IpObject = call => {
  const { words, process } = call
  const word = words.next() ?? 'list'
  switch (abbreviated(word, commands)) {
    case 'list':
    case 'show':
    case 'lst':
      return list(call)
    case 'add':
      return add(call)
    case 'delete':
      return remove(call)
    case 'identify':
      return identify(process, words.next())
    case 'pids':
      return pids(process, words.next())
    case 'exec':
      return call.options.all ? execAll(call) : exec(call)
    case 'help':
      throw new Refusal(netnsHelp, 255)
    default:
      throw unknownCommand(word, 'netns')
  }
}

const missing = new Refusal('No netns name specified', 1)

/** Makes a process one of the namespace NAME: `ip -n NAME`, `ip netns exec NAME`. */
export const enterNamespace = (process: Process, name: string | undefined): void => {
  const namespace = name === undefined ? undefined : process.machine.kernel.namespace(name)
  if (namespace === undefined)
    throw new Refusal(`Cannot open network namespace "${name ?? '(null)'}": ${strerror('ENOENT')}`, 255)
  process.namespace = namespace
}

/** Newest first, as the files of a tmpfs are listed. */
const newestFirst = (process: Process): Namespace[] => process.machine.kernel.namespaces().reverse()

const list = ({ process, namespace, options }: IpCall): string => {
  const ids = knownNamespaces(process.machine.kernel, namespace)
  const entries = newestFirst(process).map(each => ({ name: each.name, id: ids.get(each) }))
  if (options.json) {
    const records = entries.map(({ name, id }) => (id === undefined ? { name } : { name, id }))
    return records.length === 0 ? '' : jsonList(records, options.pretty)
  }
  return entries.map(({ name, id }) => `${name}${id === undefined ? '' : ` (id: ${id})`}\n`).join('')
}

const nameOf = (name: string): string => {
  if (name.includes('/') || name === '.' || name === '..' || name.length > 255)
    throw new Refusal(`Invalid netns name "${name}"`, 255)
  return name
}

const add = ({ process, words }: IpCall): string => {
  const word = words.next()
  if (word === undefined) throw missing
  const name = nameOf(word)
  const { files, kernel } = process.machine
  if (!kernel.addNamespace(name).ok)
    throw new Refusal(`Cannot create namespace file "${directory}/${name}": ${strerror('EEXIST')}`, 1)
  files.mkdirAll(process, directory)
  files.add(process, `${directory}/${name}`, { ...virtual(() => ''), changed: process.clock.now() })
  return ''
}

const remove = ({ process, words, options }: IpCall): string => {
  const word = words.next()
  if (word === undefined && !options.all) throw missing
  const names = options.all ? newestFirst(process).map(each => each.name) : [nameOf(word as string)]
  for (const name of names) {
    if (!process.machine.kernel.removeNamespace(name).ok)
      throw new Refusal(`Cannot remove namespace file "${directory}/${name}": ${strerror('ENOENT')}`, 1)
    process.machine.files.remove(process, `${directory}/${name}`)
  }
  return ''
}

const identify = (process: Process, word: string | undefined): string => {
  const target = word === undefined || word === 'self' ? process : process.machine.processes.get(Number(word))
  if (word !== undefined && word !== 'self' && !/^\d+$/.test(word))
    throw new Refusal(`Specified string '${word}' is not a pid`, 255)
  if (target === undefined) throw new Refusal(`Stat of netns failed: ${strerror('ENOENT')}`, 1)
  return `${target.namespace.name}\n`
}

const pids = (process: Process, name: string | undefined): string => {
  if (name === undefined) throw missing
  const namespace = process.machine.kernel.namespace(name)
  if (namespace === undefined) throw new Refusal(`Cannot open network namespace: ${strerror('ENOENT')}`, 1)
  return [...process.machine.processes.values()]
    .filter(each => each.namespace === namespace)
    .map(each => `${each.pid}\n`)
    .join('')
}

const exec = ({ process, words }: IpCall): Task<number> => {
  const name = words.next()
  if (name === undefined) throw missing
  const command = words.rest()
  if (command.length === 0) throw new Refusal('No command specified', 1)
  enterNamespace(process, name)
  return become(process, command)
}

function* execAll({ process, words }: IpCall): Task<number> {
  const command = words.rest()
  if (command.length === 0) throw new Refusal('No command specified', 1)
  for (const namespace of newestFirst(process)) {
    yield* process.print(`\nnetns: ${namespace.name}\n`)
    yield* process.spawn(child => become(child, command), { args: command, namespace }).wait()
  }
  return 0
}

/** Runs a program in place of this one, in the same process, as execvp(3). */
function* become(process: Process, command: readonly string[]): Task<number> {
  const name = command[0] as string
  const found = process.machine.find(name, process)
  if (found.kind === 'none') {
    const why = found.status === 127 ? strerror('ENOENT') : found.why
    return yield* process.fail(`exec of "${name}" failed: ${why}`)
  }
  if (found.kind === 'command') {
    process.args = command
    return yield* found.command(process)
  }
  process.args = ['sh', found.path, ...command.slice(1)]
  return yield* sh(process)
}
