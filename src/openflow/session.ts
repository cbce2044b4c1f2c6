/**
 * One end of an OpenFlow connection as a machine without sockets: bytes come in by `input`, whole messages come out by
 * `next`, and bytes for the peer by `take`. It says hello and agrees on a version, cuts the stream into messages,
 * answers echo requests, and asks for an echo itself when the peer is silent too long. What a message means is not its
 * business: it hands on all but hellos and echoes, and refuses those of another version than the one agreed.
 *
 * Nothing here grows without bound as long as its user asks `next` until it has no more before it gives more `input`,
 * and gives none while `waiting` is large: a peer that sends and never reads is not read any more.
 */
import { second } from '../runtime/clock.ts'
import { utf8 } from '../runtime/text.ts'
import { Framing } from './framing.ts'
import { allVersions, decodeHello, describeVersions, encodeHello, highest, type VersionSet } from './hello.ts'
import { Outgoing } from './outgoing.ts'
import type { Version } from './protocol.ts'

export type SessionOptions = {
  /** The versions that this end speaks. */
  versions?: VersionSet
  /** Numbers for messages of our own. */
  xid: () => number
  now: number
  /** How long the peer may be silent before it is asked for an echo, and again before it is given up, ns; 0 for ever. */
  probeInterval?: number
  /** Hands echo replies on as well: whoever asks for echoes by itself wants them. */
  wantsEchoReplies?: boolean
  /** Hands all messages on that come after the hello, whatever they are: who asks has to deal with them. */
  handsOnAll?: boolean
  /** Sees every message but hellos, as it stands on the wire; it may change afterwards. */
  tap?: (message: Uint8Array) => void
  /** Sees the hellos, and the error for one that cannot be agreed with. */
  greetings?: (message: Uint8Array, way: 'sent' | 'received') => void
}

/** Types and codes that are the same in every version, so a session needs no codec. */
const Type = { hello: 0, error: 1, echoRequest: 2, echoReply: 3 } as const
const helloFailed = [0, 0] as const
const badVersion = [1, 0] as const
/** Bytes of a refused message that go back with the error: what there is room for. */
const quoted = 0xffff - 12

/** A probe is never more frequent than this. */
const leastProbe = 5 * second

const silence = (wanted: number): number => (wanted === 0 ? 0 : Math.max(wanted, leastProbe))

export class OfSession {
  /** Undefined until both ends have said hello. */
  version: Version | undefined
  /** The versions that the peer offered, once it has said hello. */
  peerVersions: VersionSet = 0
  /** Why the session is over: what is still to take may be sent, then the connection is to be closed. */
  ended: string | undefined
  /** Messages that came in. */
  received = 0
  private readonly versions: VersionSet
  private readonly xid: () => number
  private readonly wantsEchoReplies: boolean
  private readonly handsOnAll: boolean
  private readonly greetings: SessionOptions['greetings']
  private readonly tap: ((message: Uint8Array) => void) | undefined
  private readonly framing = new Framing()
  private readonly outgoing = new Outgoing()
  private probeInterval: number
  private heard: number
  private probed = false

  constructor(options: SessionOptions) {
    this.versions = options.versions ?? allVersions
    this.xid = options.xid
    this.tap = options.tap
    this.wantsEchoReplies = options.wantsEchoReplies ?? false
    this.handsOnAll = options.handsOnAll ?? false
    this.greetings = options.greetings
    this.probeInterval = silence(options.probeInterval ?? 0)
    this.heard = options.now
    this.greet(encodeHello(this.versions, this.xid()))
  }

  /** Bytes that wait to be taken. */
  get waiting(): number {
    return this.outgoing.size
  }

  /** Whether the peer owes an echo reply. */
  get idle(): boolean {
    return this.probed
  }

  /** When the peer last said something, or the session began, ns. */
  get heardAt(): number {
    return this.heard
  }

  setProbeInterval(interval: number): void {
    this.probeInterval = silence(interval)
  }

  input(now: number, bytes: Uint8Array): void {
    this.heard = now
    this.probed = false
    this.framing.push(bytes)
  }

  /** The next message that the user of the session has to see; undefined when there is none yet. */
  next(): Uint8Array | undefined {
    while (this.ended === undefined) {
      const message = this.framing.next()
      if (message === undefined) return undefined
      if (message === 'too short') this.ended = 'received too-short ofp_header'
      else if (this.version === undefined) this.agree(message)
      else {
        this.received++
        this.tap?.(message)
        if (this.handsOnAll || !this.dealtWith(message)) return message
      }
    }
    return undefined
  }

  /** Queues a copy of a whole message for the peer. */
  send(message: Uint8Array): void {
    if (this.ended !== undefined) return
    this.outgoing.put(message)
    this.tap?.(message)
  }

  /** The next bytes for the peer. */
  take(): Uint8Array | undefined {
    return this.outgoing.take()
  }

  /** When `wake` has something to do, ns; undefined for never. */
  nextWake(): number | undefined {
    if (this.ended !== undefined || this.probeInterval === 0 || this.version === undefined) return undefined
    return this.heard + this.probeInterval * (this.probed ? 2 : 1)
  }

  wake(now: number): void {
    const due = this.nextWake()
    if (due === undefined || now < due) return
    if (this.probed) {
      this.ended = `no response to inactivity probe after ${Math.round((now - this.heard) / second)} seconds, disconnecting`
      return
    }
    this.probed = true
    this.heard = now - this.probeInterval
    this.send(header(this.version!, Type.echoRequest, this.xid(), 0))
  }

  private greet(message: Uint8Array): void {
    this.outgoing.put(message)
    this.greetings?.(message, 'sent')
  }

  /** The first message has to be a hello, in a version that has one. */
  private agree(message: Uint8Array): void {
    const [version, type] = [message[0]!, message[1]!]
    if (type !== Type.hello || version === 0) {
      this.ended = 'received message while expecting hello'
      return
    }
    this.greetings?.(message, 'received')
    const theirs = decodeHello(message)
    this.peerVersions = theirs
    const common = highest(theirs & this.versions)
    if (common !== 0) {
      this.version = common as Version
      return
    }
    const [ours, yours] = [describeVersions(this.versions), describeVersions(theirs)]
    const text = utf8(`We support ${ours}, you support ${yours}, no common versions.`)
    const most = highest(theirs)
    this.greet(errorMessage(most >= 1 && most <= highest(allVersions) ? most : 1, 0, helloFailed, text))
    this.ended = `version negotiation failed (we support ${ours}, peer supports ${yours})`
  }

  /** Echoes, and messages of a version that was not agreed on. */
  private dealtWith(message: Uint8Array): boolean {
    const [version, type] = [message[0]!, message[1]!]
    const known = version >= 1 && version <= highest(allVersions)
    if (known && type === Type.echoRequest) {
      const reply = message.slice()
      reply[1] = Type.echoReply
      this.send(reply)
      return true
    }
    if (known && type === Type.echoReply) return !this.wantsEchoReplies
    if (version === this.version) return false
    const whole = message.length >= (type === Type.error ? 12 : 8)
    if (known && whole && (type === Type.hello || type === Type.error)) return false
    const refusal = errorMessage(known ? version : 1, xidOf(message), badVersion, message.subarray(0, quoted))
    this.send(refusal)
    return true
  }
}

const xidOf = (message: Uint8Array): number =>
  ((message[4]! << 24) | (message[5]! << 16) | (message[6]! << 8) | message[7]!) >>> 0

const header = (version: number, type: number, xid: number, rest: number): Uint8Array => {
  const length = 8 + rest
  const bytes = new Uint8Array(length)
  bytes.set([version, type, length >> 8, length & 255, xid >>> 24, (xid >>> 16) & 255, (xid >>> 8) & 255, xid & 255])
  return bytes
}

const errorMessage = (
  version: number,
  xid: number,
  [type, code]: readonly [number, number],
  data: Uint8Array,
): Uint8Array => {
  const bytes = header(version, Type.error, xid, 4 + data.length)
  bytes.set([type >> 8, type & 255, code >> 8, code & 255], 8)
  bytes.set(data, 12)
  return bytes
}
