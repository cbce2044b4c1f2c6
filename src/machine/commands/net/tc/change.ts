/** What `tc` asks of the kernel about a link: disciplines and classes made, changed and taken away, with its refusals. */
import {
  Egress,
  type Handle,
  Hfsc,
  HfscClass,
  type HfscClassOptions,
  Htb,
  HtbClass,
  type Link,
  majorOf,
  minorOf,
  type Place,
  type Qdisc,
} from '../../../../host/index.ts'
import type { Clock } from '../../../../runtime/index.ts'
import type { HtbWords } from './read-class.ts'
import type { Making, ReadQdisc } from './read-qdisc.ts'
import { refused } from './words.ts'

/** As the flags of the request say: what may be there already, and what need not. */
export type How = 'add' | 'change' | 'replace'

export type QdiscRequest = { handle: Handle; parent: Handle | 'root' | undefined; kind: string; read: ReadQdisc }

const answers = (text: string) => refused(`RTNETLINK answers: ${text}`)
const noSuchFile = () => answers('No such file or directory')

/** Where numbers that the kernel gives by itself begin. */
const ownNumbers = 0x8001

/** The next number that nothing of the link has. */
export const freeHandle = (link: Link, last: number): Handle => {
  let major = Math.max(last + 1, ownNumbers)
  while (link.egress?.find(major * 0x10000) !== undefined) major++
  return major * 0x10000
}

export const changeQdisc = (
  link: Link,
  clock: Clock,
  how: How,
  { handle, parent, kind, read }: QdiscRequest,
  making: Omit<Making, 'handle'>,
  nextHandle: () => Handle,
): void => {
  if (parent === undefined && handle === 0) throw refused('Error: Handle cannot be zero.')
  const { egress } = link
  const known = handle === 0 ? undefined : egress?.find(handle)
  if (parent === undefined) {
    if (known === undefined) throw refused('Error: Failed to find specified qdisc.')
    if (!read.change(known.qdisc, { ...making, handle }))
      throw refused('Error: Invalid qdisc name: must match existing qdisc.')
    return
  }
  const place = parent === 'root' ? egress : placeAt(egress, parent)
  const there = place === undefined || (place.child.handle === 0 && parent !== 'root') ? undefined : place.child
  const same = there !== undefined && (handle === 0 || handle === there.handle)
  if (there === undefined && how === 'change')
    throw refused(
      handle === 0
        ? 'Error: Qdisc not found. To create specify NLM_F_CREATE flag.'
        : known === undefined && parent !== 'root'
          ? 'Error: Failed to find specified qdisc.'
          : 'Error: Qdisc not found. To create specify NLM_F_CREATE flag.',
    )
  if (there !== undefined && how === 'add')
    throw refused(same ? 'Error: Exclusivity flag on, cannot modify.' : 'Error: NLM_F_REPLACE needed to override.')
  if (there !== undefined && how === 'change' && !same) throw refused('Error: Failed to find specified qdisc.')
  if (there !== undefined && same && there.kind === kind && read.change(there, { ...making, handle: there.handle })) {
    egress?.run()
    return
  }
  if (there !== undefined && same && how === 'change' && handle !== 0)
    throw refused('Error: NLM_F_REPLACE needed to override.')
  if (known !== undefined && known.qdisc !== there) throw refused('Error: Exclusivity flag on, cannot modify.')
  const made = read.make({ ...making, handle: handle === 0 ? nextHandle() : handle })
  if (parent === 'root') link.setEgress(new Egress(clock, made, frame => link.emit(frame)))
  else hang(place as Place, made)
}

/** A class's place; the refusal if there is none. */
const placeAt = (egress: Egress | undefined, parent: Handle): Place => {
  if (egress?.find(parent) === undefined) throw refused('Error: Failed to find specified qdisc.')
  const place = egress.place(parent)
  if (place === undefined) throw refused('Error: Specified class not found.')
  return place
}

const hang = (place: Place, qdisc: Qdisc): void => {
  place.child.reset()
  place.child = qdisc
}

export const deleteQdisc = (
  link: Link,
  { handle, parent, kind }: { handle: Handle; parent: Handle | 'root' | undefined; kind: string | undefined },
  plain: (mtu: number) => Qdisc,
): void => {
  const { egress } = link
  if (parent === undefined) throw refused('Error: Classid cannot be zero.')
  const place = parent === 'root' ? egress : egress?.place(parent)
  if (place === undefined || (parent !== 'root' && place.child.handle === 0))
    throw refused(
      parent === 'root' || place !== undefined
        ? 'Error: Cannot delete qdisc with handle of zero.'
        : 'Error: Failed to find qdisc with specified classid.',
    )
  if (kind !== undefined && kind !== place.child.kind)
    throw refused('Error: Invalid qdisc name: must match existing qdisc.')
  if (handle !== 0 && handle !== place.child.handle) throw refused('Error: Invalid handle.')
  if (parent === 'root') link.setEgress(undefined)
  else hang(place, plain(link.mtu))
}

export type ClassRequest = { handle: Handle; parent: Handle | 'root' | undefined } & (
  | { kind: 'htb'; words: HtbWords }
  | { kind: 'hfsc'; words: HfscClassOptions }
)

/** What the kernel would have said of a quantum, if anything; a text for stderr. */
export const changeClass = (link: Link, how: How, request: ClassRequest, now: number): string | undefined => {
  const { handle, parent } = request
  const major = handle !== 0 ? majorOf(handle) : parent === 'root' || parent === undefined ? 0 : majorOf(parent)
  if (parent !== undefined && parent !== 'root' && majorOf(parent) !== major) throw answers('Invalid argument')
  const qdisc = link.egress?.find(major)?.qdisc
  if (qdisc === undefined) throw noSuchFile()
  const known = qdisc.classes?.get(handle)
  if (known === undefined && how === 'change') throw noSuchFile()
  if (known !== undefined && how === 'add') throw answers('File exists')
  if (qdisc instanceof Htb && request.kind === 'htb') {
    const above = parent === undefined || parent === 'root' ? undefined : qdisc.classes.get(parent)
    return changeHtb(qdisc, known as HtbClass | undefined, above, handle, request.words, now)
  }
  if (qdisc instanceof Hfsc && request.kind === 'hfsc') {
    const above = parent === undefined || parent === 'root' ? undefined : qdisc.classes.get(parent)
    if (minorOf(handle) === 0) throw answers('Invalid argument')
    if (known instanceof HfscClass) known.change(request.words, now)
    else qdisc.add(handle, above, request.words, now)
    link.egress?.run()
    return undefined
  }
  throw answers('Invalid argument')
}

const changeHtb = (
  qdisc: Htb,
  known: HtbClass | undefined,
  above: HtbClass | undefined,
  handle: Handle,
  words: HtbWords,
  now: number,
): string | undefined => {
  const byRate = Math.floor(words.rate / qdisc.options.r2q)
  const quantum = words.quantum || Math.min(200_000, Math.max(1000, byRate))
  const options = { ...words, quantum }
  if (known === undefined) qdisc.add(handle, above, options, now)
  else known.change(options, now)
  if (words.quantum || (byRate >= 1000 && byRate <= 200_000)) return undefined
  const id = handle.toString(16).toUpperCase()
  return `Warning: sch_htb: quantum of class ${id} is ${byRate < 1000 ? 'small' : 'big'}. Consider r2q change.`
}

export const deleteClass = (link: Link, handle: Handle): void => {
  const qdisc = link.egress?.find(majorOf(handle))?.qdisc
  const known = qdisc?.classes?.get(handle)
  if (known === undefined) throw noSuchFile()
  if (qdisc instanceof Htb && known instanceof HtbClass) {
    if (!qdisc.remove(known)) throw refused('Error: HTB class in use.')
  } else if (qdisc instanceof Hfsc && known instanceof HfscClass) {
    if (!qdisc.remove(known)) throw answers('Device or resource busy')
  } else throw answers('Operation not supported')
}
