import { composeFrame } from '../../flow/compose.ts'
import { parseOdpKey } from '../../flow/odp-parse.ts'
import { Frame } from '../../wire/frame.ts'
import { DummyDevice } from '../dummy.ts'
import type { Vswitchd } from '../vswitchd.ts'
import { type Reply, refuse, reply, type UnixctlCommands } from './command.ts'

const dummies = (daemon: Vswitchd): [name: string, device: DummyDevice][] =>
  [...daemon.hand.made.values()].flatMap(({ devices }) =>
    [...devices].filter((entry): entry is [string, DummyDevice] => entry[1] instanceof DummyDevice),
  )

const ethernetSize = 14
/** The shortest frame that may be asked for, and the longest, bytes. */
const leastSize = 60
const mostSize = 65535

/** Payload in the manner of a frame made from a flow: 0, 1, 2, … */
const payload = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => i)

/** A frame of a flow, or what is wrong with that; with a size it is filled up to it. */
const frameOf = (flow: string, size: number | undefined): Uint8Array | string => {
  const read = parseOdpKey(flow)
  if (!read.ok) return `syntax error at ${read.wrong}`
  if (size === undefined) return composeFrame(read.key)
  const bare = composeFrame(read.key, payload(0))
  const filled = composeFrame(read.key, payload(Math.max(0, size - bare.length)))
  const frame = new Uint8Array(Math.max(size, filled.length))
  frame.set(filled)
  return frame
}

const bytesOf = (text: string): Uint8Array | undefined => {
  const digits = text.replace(/[\s.]/g, '')
  if (digits.length < 2 * ethernetSize || !/^([0-9a-f]{2})*$/i.test(digits)) return undefined
  return Uint8Array.from(digits.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
}

const receive = (daemon: Vswitchd, [name, ...args]: readonly string[]): Reply => {
  const [, device] = dummies(daemon).find(([each]) => each === name) ?? []
  if (device === undefined) return refuse('no such dummy netdev')
  // There is one queue only, so it is that one.
  const words = args[0] === '--qid' ? args.slice(2) : [...args]
  while (words.length > 0) {
    const text = words.shift() as string
    const raw = bytesOf(text)
    let size: number | undefined
    if (raw === undefined && words[0] === '--len') {
      size = Number(words[1])
      words.splice(0, 2)
      if (!(size >= leastSize)) return refuse('too small packet len')
      size = Math.min(size, mostSize)
    }
    const frame = raw ?? frameOf(text, size)
    if (typeof frame === 'string') return refuse(frame)
    // Those before one that is wrong have come in.
    device.receive(Frame.from(frame))
  }
  return reply('')
}

const setAdminState = (daemon: Vswitchd, args: readonly string[]): Reply => {
  const state = args.at(-1)
  if (state !== 'up' && state !== 'down') return refuse('Invalid Admin State')
  const all = dummies(daemon)
  const meant = args.length === 1 ? all : all.filter(([name]) => name === args[0])
  if (args.length > 1 && meant.length === 0) return refuse('Unknown Dummy Interface')
  for (const [, device] of meant) device.setAdminUp(state === 'up')
  return reply('OK\n')
}

export const dummyCommands: UnixctlCommands = {
  'netdev-dummy/receive': {
    usage: 'name [--qid queue_id] packet|flow [--len packet_len]',
    min: 2,
    max: Number.POSITIVE_INFINITY,
    run: receive,
  },
  'netdev-dummy/set-admin-state': { usage: '[netdev] up|down', min: 1, max: 2, run: setAdminState },
}
