import {
  type Database,
  type Json,
  type JsonObject,
  JsonStream,
  printJson,
  Server,
  type Session,
} from '../../../src/ovsdb/index.ts'
import { type Random, utf8, VirtualClock } from '../../../src/runtime/index.ts'

/** A server of ours in the process, spoken to as the real one is. */
export class OurServer {
  readonly clock = new VirtualClock()
  readonly server: Server

  constructor(database: Database, random: Random) {
    this.server = new Server(this.clock, random)
    this.server.add(database)
  }

  client(): OurClient {
    return new OurClient(this.server.connect())
  }
}

export class OurClient {
  private readonly session: Session
  private readonly stream = new JsonStream(1e9)
  private next = 0

  constructor(session: Session) {
    this.session = session
  }

  get closed(): boolean {
    return this.session.ended !== undefined
  }

  send(text: string): void {
    this.session.receive(utf8(text))
  }

  /** The messages there are for the client. */
  take(): JsonObject[] {
    const messages: JsonObject[] = []
    for (let text = this.session.take(); text !== ''; text = this.session.take()) {
      messages.push(...(this.stream.push(utf8(text)).values as JsonObject[]))
    }
    return messages
  }

  /** The reply and what came before it. */
  request(method: string, params: Json): { reply: JsonObject; notes: JsonObject[] } {
    const id = this.next++
    this.send(printJson({ id, method, params }))
    const messages = this.take()
    const reply = messages.find(message => message.id === id) ?? {}
    return { reply, notes: messages.filter(message => message !== reply) }
  }
}
