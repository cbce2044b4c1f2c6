/**
 * `tc` (tc(8)): what waits before it leaves by a link. `qdisc` and `class` with add, change, replace, del and show; filters
 * there are none, so frames of HTB and HFSC go to the default class.
 *
 * | file | what it does |
 * |---|---|
 * | `words.ts`, `usage.ts` | numbers with units; what is said of mistakes |
 * | `read-qdisc.ts`, `read-netem.ts`, `read-class.ts` | words to options |
 * | `change.ts` | what the kernel does, and refuses |
 * | `show.ts` | what is printed |
 */
import { Fifo, type Handle, type Link } from '../../../../host/index.ts'
import type { Task } from '../../../../runtime/index.ts'
import type { Command, Process } from '../../../command.ts'
import { changeClass, changeQdisc, deleteClass, deleteQdisc, freeHandle, type How } from './change.ts'
import { readHfscClass, readHtbClass } from './read-class.ts'
import { qdiscKinds } from './read-qdisc.ts'
import { classLines, qdiscLines, type ShowOptions } from './show.ts'
import { classUsage, qdiscUsage, tcUsage } from './usage.ts'
import { classHandleOf, incomplete, qdiscHandleOf, refused, TcError, Words } from './words.ts'

const version = 'tc utility, iproute2-6.1.0, libbpf 1.1.2\n'

export const tc: Command = function* (process) {
  try {
    return yield* run(process)
  } catch (error) {
    if (!(error instanceof TcError)) throw error
    return yield* process.fail(error.message, error.status)
  }
}

type Call = { process: Process; namespace: Process['namespace']; show: ShowOptions }

const objects = ['qdisc', 'class', 'filter'] as const
const verbs = ['add', 'change', 'replace', 'delete', 'show', 'list', 'help'] as const
type Verb = (typeof verbs)[number]

/** Words may be cut short; the first that fits is meant. */
const wordFor = <T extends string>(word: string, of: readonly T[]): T | undefined =>
  of.find(each => each.startsWith(word))

function* run(process: Process): Task<number> {
  const call: Call = {
    process,
    namespace: process.namespace,
    show: { stats: false, details: false, now: process.clock.now() },
  }
  const args = process.args.slice(1)
  while (args[0]?.startsWith('-')) {
    const option = (args.shift() as string).replace(/^--/, '-')
    if ('-statistics'.startsWith(option)) call.show.stats = true
    else if ('-details'.startsWith(option)) call.show.details = true
    else if (option === '-V' || option === '-Version') {
      yield* process.print(version)
      return 0
    } else if (option === '-n' || option === '-netns') {
      const name = args.shift()
      if (name === undefined) throw incomplete()
      const namespace = process.machine.kernel.namespace(name)
      if (namespace === undefined)
        throw new TcError(`Cannot open network namespace "${name}": No such file or directory`, 255)
      call.namespace = namespace
    } else throw new TcError(`Option "${option}" is unknown, try "tc -help".`, 255)
  }
  const [name, ...rest] = args
  if (name === undefined) {
    yield* process.error(tcUsage)
    return 0
  }
  const object = wordFor(name, objects)
  if (object === undefined) throw new TcError(`Object "${name}" is unknown, try "tc help".`, 255)
  const [verbWord = 'show', ...words] = rest
  const verb = wordFor(verbWord, verbs)
  if (verb === undefined) throw new TcError(`Command "${verbWord}" is unknown, try "tc ${object} help".`, 255)
  if (verb === 'help') {
    yield* process.error(object === 'class' ? classUsage : qdiscUsage)
    return 0
  }
  if (object === 'filter') {
    if (verb === 'show' || verb === 'list') return 0
    throw refused('Error: TC classifier not found.\nWe have an error talking to the kernel')
  }
  return yield* object === 'qdisc' ? qdisc(call, verb, new Words(words)) : classes(call, verb, new Words(words))
}

type Found = {
  dev: string | undefined
  handle: Handle
  parent: Handle | 'root' | undefined
  kind: string | undefined
}

const wrong = (text: string, what: string): TcError => new TcError(`Error: argument "${text}" is wrong: ${what}`, 255)

/** The words in front of the kind. */
const readPlace = (words: Words, object: 'qdisc' | 'class'): Found => {
  const found: Found = { dev: undefined, handle: 0, parent: undefined, kind: undefined }
  const own = object === 'qdisc' ? 'handle' : 'classid'
  for (let word = words.take(); word !== undefined; word = words.take()) {
    if (word === 'dev') found.dev = words.value()
    else if (word === own) {
      const text = words.value()
      const handle = object === 'qdisc' ? qdiscHandleOf(text) : classHandleOf(text)
      if (handle === undefined) throw wrong(text, object === 'qdisc' ? 'invalid qdisc ID' : 'invalid class ID')
      found.handle = handle
    } else if (word === 'root') {
      if (found.parent !== undefined) throw new TcError('Error: "root" is duplicate parent ID', 255)
      found.parent = 'root'
    } else if (word === 'parent') {
      const text = words.value()
      if (found.parent !== undefined)
        throw new TcError(`Error: duplicate "parent": "${text}" is the second value.`, 255)
      const parent = classHandleOf(text)
      if (parent === undefined) throw wrong(text, 'invalid parent ID')
      found.parent = parent
    } else {
      found.kind = word
      break
    }
  }
  return found
}

const linkOf = ({ namespace }: Call, name: string): Link => {
  const link = namespace.links.get(name)
  if (link === undefined) throw new TcError(`Cannot find device "${name}"`)
  return link
}

const needsDevice = (): TcError => refused('RTNETLINK answers: No such device')

function* qdisc(call: Call, verb: Verb, words: Words): Task<number> {
  const { process } = call
  const { dev, handle, parent, kind } = readPlace(words, 'qdisc')
  const { clock, random } = process
  if (verb === 'show' || verb === 'list') {
    if (kind !== undefined) throw new TcError(`What is "${kind}"? Try "tc qdisc help".`, 255)
    const isWanted = (own: Handle, above: Handle | undefined): boolean =>
      (handle === 0 || own === handle) &&
      (parent === undefined || (parent === 'root' ? above === undefined : above === parent))
    const links = dev === undefined ? call.namespace.links.all() : [linkOf(call, dev)]
    yield* process.print(links.map(link => qdiscLines(link, call.show, dev === undefined, isWanted)).join(''))
    return 0
  }
  if (verb === 'delete') {
    if (dev === undefined) throw needsDevice()
    const link = linkOf(call, dev)
    deleteQdisc(link, { handle, parent, kind }, () => new Fifo('pfifo', 0, link.txQueueLength))
    return 0
  }
  if (kind === undefined || !Object.hasOwn(qdiscKinds, kind)) {
    if (dev === undefined) throw needsDevice()
    linkOf(call, dev)
    throw refused(kind === undefined ? 'Error: Handle cannot be zero.' : 'Error: Specified qdisc kind is unknown.')
  }
  const read = qdiscKinds[kind]?.(words)
  if (read === undefined) throw incomplete()
  for (const note of read.notes) yield* process.error(note)
  if (dev === undefined) throw needsDevice()
  const link = linkOf(call, dev)
  const making = { now: clock.now(), random, queueLength: link.txQueueLength, mtu: link.mtu }
  changeQdisc(link, clock, verb as How, { handle, parent, kind, read }, making, () => nextHandle(link))
  return 0
}

/** The last number that each link gave by itself. */
const lastHandles = new WeakMap<Link, number>()
const nextHandle = (link: Link): Handle => {
  const handle = freeHandle(link, lastHandles.get(link) ?? 0)
  lastHandles.set(link, handle / 0x10000)
  return handle
}

function* classes(call: Call, verb: Verb, words: Words): Task<number> {
  const { process } = call
  const { dev, handle, parent, kind } = readPlace(words, 'class')
  if (verb === 'show' || verb === 'list') {
    if (kind !== undefined) throw new TcError(`What is "${kind}"? Try "tc class help".`, 255)
    if (dev === undefined) return 0
    const link = linkOf(call, dev)
    yield* process.print(classLines(link, call.show, own => handle === 0 || own === handle))
    return 0
  }
  if (verb === 'delete') {
    if (dev === undefined) throw needsDevice()
    deleteClass(linkOf(call, dev), handle)
    return 0
  }
  if (kind === undefined) {
    if (dev === undefined) throw needsDevice()
    const isManaged = linkOf(call, dev).egress !== undefined
    throw refused(`RTNETLINK answers: ${isManaged ? 'Operation not supported' : 'No such file or directory'}`)
  }
  if (kind !== 'htb' && kind !== 'hfsc') throw new TcError(`Error: Qdisc "${kind}" is classless.`)
  const request =
    kind === 'htb'
      ? { handle, parent, kind: 'htb' as const, words: readHtbClass(words) }
      : { handle, parent, kind: 'hfsc' as const, words: readHfscClass(words) }
  if (dev === undefined) throw needsDevice()
  const note = changeClass(linkOf(call, dev), verb as How, request, process.clock.now())
  if (note !== undefined) yield* process.error(note)
  return 0
}
