/** The commands about locks (RFC 7047 §4.1.8), which stay to hear what becomes of them. */
import type { Answer } from '../../ovsdb/index.ts'
import { start, type Task } from '../../runtime/index.ts'
import { reply } from '../../vswitchd/unixctl/dispatch.ts'
import { answering, type ControlCommands } from '../control-commands.ts'
import { type Call, jsonText } from './call.ts'
import type { ClientCommands } from './command.ts'
import type { Server } from './server.ts'
import { staying } from './stay.ts'

type Method = 'lock' | 'steal' | 'unlock'

const withLock = (method: Method) =>
  function* (call: Call, server: Server): Task<number> {
    const say = (answer: Answer): void => {
      // What is refused goes without saying.
      if (answer.kind === 'result') start(call.stdio.print(jsonText(answer.result, call.options)))
    }
    const asking = (other: Method): ControlCommands[string] =>
      answering({ usage: 'LOCK', min: 1, max: 1 }, ([lock = '']) => {
        server.send(other, [lock], say)
        return reply('')
      })
    const commands = { lock: asking('lock'), steal: asking('steal'), unlock: asking('unlock') }
    return yield* staying(call, commands, function* (listen) {
      const [name = ''] = call.args
      say(yield* server.ask(method, [name], true))
      return yield* listen(server, function* ({ method: said, params }) {
        yield* call.stdio.print(`${said}\n${jsonText([...params], call.options)}`)
      })
    })
  }

const stays = (method: Method): ClientCommands[string] => ({
  needs: 'server',
  min: 1,
  max: 1,
  stays: true,
  run: withLock(method),
})

export const lockCommands: ClientCommands = { lock: stays('lock'), steal: stays('steal'), unlock: stays('unlock') }
