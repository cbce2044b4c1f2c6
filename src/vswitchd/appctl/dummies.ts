import { composeFrame } from '../../flow/compose.ts'
import { parseOdpKey } from '../../flow/odp-parse.ts'
import { isIp6, parseIp4, parseIp6 } from '../../wire/address.ts'
import { Frame } from '../../wire/frame.ts'
import { DummyDevice } from '../dummy.ts'
import type { Vswitchd } from '../vswitchd.ts'
import { leadingInteger, lines, type Reply, refuse, reply, type UnixctlCommands } from './command.ts'

const dummies = (daemon: Vswitchd): [name: string, device: DummyDevice][] =>
  [...daemon.hand.made.values()].flatMap(({ devices }) =>
    [...devices].filter((entry): entry is [string, DummyDevice] => entry[1] instanceof DummyDevice),
  )

/** A dummy device by its name. */
export const dummyNamed = (daemon: Vswitchd, name: string): DummyDevice | undefined =>
  dummies(daemon).find(([each]) => each === name)?.[1]

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

const receive = (daemon: Vswitchd, [name = '', ...args]: readonly string[]): Reply => {
  const device = dummyNamed(daemon, name)
  if (device === undefined) return refuse('no such dummy netdev')
  // There is one queue, number 0.
  const hasQueue = args[0] === '--qid' && args.length > 1
  if (hasQueue && leadingInteger(args[1] as string) !== 0) return refuse('bad rx queue id.')
  const words = hasQueue ? args.slice(2) : [...args]
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

/** Of one device, whatever it is; or of all that call somebody. */
const connectionState = (daemon: Vswitchd, [name]: readonly string[]): Reply => {
  if (name !== undefined) return reply(`${name}: ${dummyNamed(daemon, name)?.streamState ?? 'unknown'}\n`)
  const told = dummies(daemon).filter(([, { streamState }]) => streamState !== undefined)
  return reply(lines(told.map(([each, { streamState }]) => `${each}: ${streamState}`)))
}

type Family = 'IPv4' | 'IPv6'
const lengths: Readonly<Record<Family, number>> = { IPv4: 32, IPv6: 128 }

const addAddress =
  (family: Family) =>
  (daemon: Vswitchd, [name = '', text = '']: readonly string[]): Reply => {
    const device = dummyNamed(daemon, name)
    if (device === undefined) return refuse('Unknown Dummy Interface')
    const [host = '', lengthText] = text.split('/')
    const address = family === 'IPv4' ? parseIp4(host) : parseIp6(host)
    if (address === undefined) return refuse(`${text}: invalid ${family === 'IPv4' ? 'IP' : family} address`)
    const most = lengths[family]
    const length = lengthText === undefined ? most : Number(/^[0-9]{1,3}$/.exec(lengthText)?.[0] ?? -1)
    if (length < 0 || length > most)
      return refuse(`${text}: ${family} network prefix bits not between 0 and ${most}, inclusive`)
    const { addresses } = device
    // It has one of each family.
    const others = addresses.filter(each => isIp6(each.address) !== isIp6(address))
    addresses.splice(0, addresses.length, ...others, { address, length })
    return reply('OK\n')
  }

export const dummyCommands: UnixctlCommands = {
  'netdev-dummy/conn-state': { usage: '[netdev]', min: 0, max: 1, run: connectionState },
  'netdev-dummy/ip4addr': { usage: '[netdev] ipaddr/mask-prefix-len', min: 2, max: 2, run: addAddress('IPv4') },
  'netdev-dummy/ip6addr': { usage: '[netdev] ip6addr', min: 2, max: 2, run: addAddress('IPv6') },
  'netdev-dummy/receive': {
    usage: 'name [--qid queue_id] packet|flow [--len packet_len]',
    min: 2,
    max: Number.POSITIVE_INFINITY,
    run: receive,
  },
  'netdev-dummy/set-admin-state': { usage: '[netdev] up|down', min: 1, max: 2, run: setAdminState },
}
