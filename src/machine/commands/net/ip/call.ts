import type { Link, Namespace } from '../../../../host/index.ts'
import type { Task } from '../../../../runtime/index.ts'
import type { Process } from '../../../command.ts'
import { Refusal } from '../refusal.ts'
import type { Words } from './words.ts'

/** The options before the object: `ip -4 -s -j …`. */
export type IpOptions = {
  family: 4 | 6 | undefined
  /** How often `-s` was given. */
  statistics: number
  details: boolean
  oneline: boolean
  brief: boolean
  json: boolean
  pretty: boolean
  all: boolean
}

/** One run of `ip`, as its objects see it. */
export interface IpCall {
  readonly process: Process
  readonly namespace: Namespace
  readonly options: IpOptions
  readonly words: Words
  /** Lines for stderr that do not end the run. */
  readonly warnings: string[]
}

/** An object of `ip`: what it prints (its status is then 0), or a task that gives the status. Refuses by throwing. */
export type IpObject = (call: IpCall) => string | Task<number>

/** The link of a name; refuses in the words of those who change things. */
export const linkNamed = (namespace: Namespace, name: string): Link => {
  const link = namespace.links.get(name)
  if (link === undefined) throw new Refusal(`Cannot find device "${name}"`, 1)
  return link
}

/** The link of a name; refuses in the words of `ip link show` and `ip addr show`. */
export const shownLink = (namespace: Namespace, name: string): Link => {
  const link = namespace.links.get(name)
  if (link === undefined) throw new Refusal(`Device "${name}" does not exist.`, 1)
  return link
}

/** `Command "foo" is unknown, try "ip link help".` */
export const unknownCommand = (word: string, object: string): Refusal =>
  new Refusal(`Command "${word}" is unknown, try "ip ${object} help".`, 255)
