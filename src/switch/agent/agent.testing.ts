import type { BodyOf, OfBody, OfMessage } from '../../openflow/message.ts'
import { decodeMessage, encodeMessage } from '../../openflow/message-wire.ts'
import type { Version } from '../../openflow/protocol.ts'
import { OfSession } from '../../openflow/session.ts'
import { type Duplex, duplexPair } from '../../runtime/stream.ts'
import { Bed } from '../switch.testing.ts'
import { type AcceptOptions, OpenFlowAgent } from './agent.ts'
import type { Peer } from './peer.ts'

/** A controller as far as tests need one: it says what it is told to and keeps what it hears. */
export class Talker {
  readonly session: OfSession
  readonly duplex: Duplex
  readonly peer: Peer
  private readonly version: Version
  private xid = 100

  constructor(agent: OpenFlowAgent, version: Version, options: Partial<AcceptOptions> = {}) {
    const [near, far] = duplexPair()
    this.version = version
    this.duplex = near
    this.session = new OfSession({ versions: 1 << version, xid: () => ++this.xid, now: 0, wantsEchoReplies: true })
    this.peer = agent.accept(far, { kind: 'service', ...options })
    this.heard()
  }

  /** Says something, and gives what comes back. */
  say(body: OfBody): OfMessage[] {
    const bytes = encodeMessage(body, { version: this.version, xid: ++this.xid, nxm: true, tableId: true })
    if (bytes === undefined) throw new Error(`${body.type} cannot be said in this version`)
    return this.raw(bytes)
  }

  raw(bytes: Uint8Array): OfMessage[] {
    this.session.send(bytes)
    return this.heard()
  }

  /** What has come in since the last time. */
  heard(): OfMessage[] {
    const { session, duplex } = this
    const out = session.take()
    if (out !== undefined) duplex.output.offer(out)
    const messages: OfMessage[] = []
    while (duplex.input.size > 0) {
      session.input(0, duplex.input.take())
      for (let bytes = session.next(); bytes !== undefined; bytes = session.next()) {
        const got = decodeMessage(bytes)
        if (!got.ok) throw new Error(`the switch said something wrong: ${got.error}`)
        messages.push(got.message)
      }
      const more = session.take()
      if (more !== undefined) duplex.output.offer(more)
    }
    return messages
  }

  /** The one answer to a request, of the type that is expected. */
  ask<T extends OfBody['type']>(body: OfBody, type: T): BodyOf<T> {
    const answers = this.say(body)
    const [first] = answers
    if (answers.length !== 1 || first?.body.type !== type)
      throw new Error(`expected ${type}, got ${answers.map(({ body: { type: other } }) => other).join(' ')}`)
    return first.body as BodyOf<T>
  }

  /** The name of the error that a request is refused with; undefined if it is not. */
  refusal(body: OfBody): string | undefined {
    const error = this.say(body).find(answer => answer.body.type === 'error')
    return error === undefined ? undefined : (error.body as BodyOf<'error'>).name
  }
}

/** A bridge with two ports and its agent, in virtual time. */
export const agentBed = () => {
  const bed = new Bed()
  const bridge = bed.bridge('br0', { hwaddr: 0xaa55aa550000, failMode: 'secure' })
  const ports = [bed.port(bridge, 'p1', {}, 1), bed.port(bridge, 'p2', {}, 2)] as const
  const agent = new OpenFlowAgent(bridge, bed.switch)
  const talk = (version: Version, options: Partial<AcceptOptions> = {}): Talker => new Talker(agent, version, options)
  return { bed, bridge, ports, agent, talk }
}
