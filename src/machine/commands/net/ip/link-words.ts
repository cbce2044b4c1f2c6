import type { Namespace } from '../../../../host/index.ts'
import { parseMac } from '../../../../wire/address.ts'
import { Refusal } from '../refusal.ts'
import type { IpCall } from './call.ts'
import { wholeNumber, wrong } from './words.ts'

/** The namespace that `netns NAME` or `netns PID` means. */
export const namespaceNamed = ({ process }: IpCall, word: string): Namespace => {
  const { kernel, processes } = process.machine
  const named = kernel.namespace(word) ?? processes.get(Number(word))?.namespace
  if (named === undefined) throw wrong(word, 'Invalid "netns" value\n')
  return named
}

/** A number that an option of a link wants. */
export const number = (word: string, option: string): number => {
  const value = wholeNumber(word)
  if (value === undefined) throw wrong(word, `Invalid "${option}" value\n`)
  return value
}

/** A MAC address that an option of a link wants. */
export const macOf = (word: string): number => {
  const mac = parseMac(word)
  if (mac === undefined) throw new Refusal(`"${word}" is invalid lladdr.`, 1)
  return mac
}
