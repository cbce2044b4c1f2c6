/**
 * The control socket of a daemon: JSON-RPC 1.0 over a stream, as ovs-appctl(8) speaks it. Requests of a connection are
 * answered one after the other; who says anything else is hung up on.
 */
import { isObject, type Json, type JsonObject, member } from '../../ovsdb/json.ts'
import { JsonStream } from '../../ovsdb/json-stream.ts'
import { printJson } from '../../ovsdb/json-text.ts'
import { type Duplex, start, type Task, utf8 } from '../../runtime/index.ts'
import { inLines, type Reply, refuse } from './dispatch.ts'

/** Bytes of a request, and of a reply: a daemon may have many flows to tell of. */
const longestRequest = 1 << 20
const longestReply = 1 << 30

/** Answers a command; it may have to wait for something first. */
export type Answer = (name: string, args: readonly string[]) => Task<Reply>

/** Serves a connection until the other side ends it. */
export const serveUnixctl = (duplex: Duplex, answer: Answer): void => {
  start(serve(duplex, answer))
}

function* serve(duplex: Duplex, answer: Answer): Task<void> {
  const stream = new JsonStream(longestRequest)
  for (;;) {
    const bytes = yield* duplex.input.read()
    if (bytes === undefined) break
    const { values, error } = stream.push(bytes)
    let wrong = error !== undefined
    for (const value of values) {
      const request = readRequest(value)
      if (request === undefined) {
        wrong = true
        break
      }
      const { id, name, args } = request
      const strings = args.filter(arg => typeof arg === 'string')
      const done =
        strings.length === args.length
          ? yield* answer(name, strings)
          : refuse(`"${name}" command has non-string argument`)
      const said: JsonObject = done.ok
        ? { id, result: inLines(done.text), error: null }
        : { id, error: inLines(done.error) }
      if (!(yield* duplex.output.write(utf8(printJson(said))))) break
    }
    if (wrong) break
  }
  duplex.close()
}

const readRequest = (value: Json): { id: Json; name: string; args: readonly Json[] } | undefined => {
  if (!isObject(value)) return undefined
  const [name, args, id] = [member(value, 'method'), member(value, 'params'), member(value, 'id')]
  if (typeof name !== 'string' || !Array.isArray(args) || id === undefined || id === null) return undefined
  return { id, name, args }
}

/** Has a command done by a daemon; a text says why there is no answer. */
export function* askUnixctl(duplex: Duplex, name: string, args: readonly string[]): Task<Reply | string> {
  yield* duplex.output.write(utf8(printJson({ id: 0, method: name, params: [...args] })))
  const stream = new JsonStream(longestReply)
  for (;;) {
    const bytes = yield* duplex.input.read()
    if (bytes === undefined) return 'End of file'
    const { values, error } = stream.push(bytes)
    const [value] = values
    if (value !== undefined) return readReply(value) ?? 'Protocol error'
    if (error !== undefined) return 'Protocol error'
  }
}

const readReply = (value: Json): Reply | undefined => {
  if (!isObject(value)) return undefined
  const [result, error] = [member(value, 'result'), member(value, 'error')]
  if (error !== undefined && error !== null)
    return { ok: false, error: typeof error === 'string' ? error : printJson(error) }
  return typeof result === 'string' ? { ok: true, text: result } : undefined
}
