/**
 * `ofproto/trace` from its first line to its last: one translation after the other, as pipelines start again behind a
 * connection tracker. What the tracker will say is not known, so it is asked of the user, or assumed to be a new connection.
 */

import { readField, writeField } from '../flow/fields.ts'
import { ctStates, formatFlags } from '../flow/flags.ts'
import { type FlowKey, word } from '../flow/layout.ts'
import type { Match } from '../flow/match.ts'
import { hasOption, plainLayout, readOption, type TlvLayout, tlvFields, writeOption } from '../flow/tlv.ts'
import { type OfAction, OfPort } from '../openflow/action.ts'
import type { Nat } from '../openflow/nat.ts'
import { formatIp4, formatIp6 } from '../wire/address.ts'
import { EtherType } from '../wire/ethernet.ts'
import type { Frame } from '../wire/frame.ts'
import type { Bridge } from './bridge.ts'
import type { Switch } from './switch.ts'
import type { TraceNames } from './trace-parts.ts'
import { formatTrace } from './trace-text.ts'
import type { Fork } from './translate/context.ts'
import { recordTree } from './translate/recorder.ts'
import type { Translation } from './translate/translation.ts'
import { vlanPresent } from './translate/vlan-tag.ts'

export type TraceOptions = {
  /** Actions to run instead of looking up: `ofproto/trace-packet-out`. */
  actions?: readonly OfAction[] | undefined
  /** Whether what the frame does is done: it teaches, and is told to controllers. */
  learning?: boolean
  /** What the tracker says of each pipeline that starts again, in their order: `--ct-next`. */
  ctStates?: readonly bigint[]
  names?: TraceNames | undefined
  /** Whether the key was read from bytes that no tunnel brought: Open vSwitch tells no tunnel options of those. */
  isPacket?: boolean
  /** These bytes: what they say to the switch is heard. */
  frame?: Frame | undefined
}

/** The key of a frame that a match describes: a tag in it is 802.1Q's, and tunnel options lie where `layout` says. */
export const frameOf = ({ key, tlv }: Match, layout: TlvLayout = plainLayout): FlowKey => {
  const frame = key.slice()
  frame.fill(0, word.tunMetadata)
  for (let option = 0; option < tlvFields; option++)
    if (hasOption(key, option)) writeOption(frame, option, readOption(key, option, tlv), -1n, layout)
  if (frame[word.inPort] === 0) frame[word.inPort] = OfPort.none
  for (const at of [word.vlan, word.vlan1])
    if ((frame[at]! & vlanPresent) !== 0 && frame[at]! >>> 16 === 0) frame[at] = frame[at]! | (EtherType.vlan << 16)
  return frame
}

const newConnection = 0x21n
const line = '='.repeat(79)

/** Pipelines that are followed: those that start one another again and again have no end. */
const maxForks = 256

/** The whole answer. `key` has the bridge's port number. Ends with a line feed. */
export const traceFlow = (owner: Switch, bridge: Bridge, key: FlowKey, options: TraceOptions = {}): string => {
  const { actions, learning = false, ctStates: states = [], names, isPacket = false, frame } = options
  const forks: Fork[] = []
  const texts: string[] = []
  const held = new Map<Fork, Translation>()
  let failed = false
  /** What it freezes for parts that are still to come may have the number of what they freeze. */
  const trace = (one: FlowKey): void => {
    const { recorder, steps } = recordTree()
    const known = forks.length
    const translation =
      actions === undefined
        ? owner.explainIn(bridge, one, recorder, learning, forks, frame)
        : owner.explainActions(bridge, one, actions, recorder, learning, forks, frame)
    const recircs = [...translation.recircs]
    for (const fork of forks.slice(known)) {
      recircs.splice(recircs.indexOf(fork.id), 1)
      held.set(fork, { ...translation, recircs: [fork.id] })
    }
    // What was released lingers long enough for its own parts.
    owner.release({ ...translation, recircs })
    if (learning) owner.apply(translation, one)
    else owner.askNeighbours(translation)
    texts.push(formatTrace(one, translation, steps, names, bridge.tlv.layout, !isPacket))
    failed = translation.failure !== undefined
  }
  trace(key)
  for (let i = 0; i < forks.length; i++) {
    const fork = forks[i] as Fork
    if (i < maxForks) {
      // Why there is a drop ends with a line feed in Open vSwitch, so that behind it an empty line more is before the next part.
      if (failed) texts.push('\n')
      texts.push(forkTitle(fork, states[i]))
      trace(fork.key)
    }
    const last = held.get(fork)
    if (last !== undefined) owner.release(last)
  }
  return texts.join('')
}

/** Between two parts: which pipeline starts again, with what state; its key gets it, and what NAT makes of the addresses. */
const forkTitle = ({ id, key, nat }: Fork, state: bigint | undefined): string => {
  writeField(key, 'ct_state', state ?? newConnection)
  const said =
    state === undefined
      ? 'default ct_state=trk|new (use --ct-next to customize)'
      : `ct_state=${formatFlags(state, (1n << BigInt(ctStates.length)) - 1n, ctStates)}`
  const lines = ['', line, `recirc(0x${id.toString(16)}) - resume conntrack with ${said}`]
  if (nat !== undefined) lines.push(...translated(key, nat.nat))
  return `${[...lines, line, '', ''].join('\n')}`
}

const translated = (key: FlowKey, nat: Nat): string[] => {
  const { side, addresses, ports } = nat
  const shown = addresses !== undefined
  const initial = shown ? addressesOf(key) : ''
  if (side !== undefined && addresses !== undefined) {
    const six = addresses.version === 6
    writeField(key, six ? `ipv6_${side}` : `ip_${side}`, addresses.first)
    // Whatever the protocol: so does Open vSwitch, that only shows what might be.
    if (ports !== undefined) writeField(key, `tcp_${side}`, BigInt(ports.first))
  }
  return [
    'Replacing src/dst IP/ports to simulate NAT:',
    ` Initial flow: ${initial}`,
    ` Modified flow: ${shown ? addressesOf(key) : ''}`,
  ]
}

const addressesOf = (key: FlowKey): string => {
  const six = key[word.ethType]! >>> 16 === EtherType.ipv6
  const side = (which: 'src' | 'dst'): string => {
    const address = six
      ? `ipv6_${which}=[${formatIp6(readField(key, `ipv6_${which}`))}]`
      : `nw_${which}=${formatIp4(Number(readField(key, `ip_${which}`)))}`
    return `${address},tp_${which}=${readField(key, `tcp_${which}`)}`
  }
  return `${side('src')},${side('dst')}`
}

/** A connection's state as `--ct-next` has it: `trk,est`. A text says what is wrong. */
export const parseCtNext = (text: string): bigint | string => {
  let state = 0n
  for (const name of text.split(/[, ]/).filter(part => part !== '')) {
    const place = ctStates.indexOf(name)
    if (place < 0) return `${name}: unknown connection tracking state flag`
    state |= 1n << BigInt(place)
  }
  const has = (name: string): boolean => (state & (1n << BigInt(ctStates.indexOf(name)))) !== 0n
  const wrong: string[] = []
  if (!has('trk') && state !== 0n) wrong.push('If "trk" is unset, no other flags are set')
  if (has('inv') && ctStates.some(name => has(name) && name !== 'inv' && name !== 'trk'))
    wrong.push('when "inv" is set, only "trk" may also be set')
  if (has('new') && has('est')) wrong.push('"new" and "est" are mutually exclusive')
  // The original's own misspelling of rpl.
  if (has('new') && has('rpl')) wrong.push('"new" and "rpy" are mutually exclusive')
  const words = formatFlags(state, (1n << BigInt(ctStates.length)) - 1n, ctStates)
  if (wrong.length > 0) return wrong.map(why => `${words}: invalid connection state: ${why}`).join('\n')
  return state
}
