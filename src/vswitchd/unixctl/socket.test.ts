import { expect, test } from 'vitest'
import { type Duplex, duplexPair, fromUtf8, start, utf8 } from '../../runtime/index.ts'
import { commandFor, commandListing, refuse, reply } from './dispatch.ts'
import { askUnixctl, serveUnixctl } from './socket.ts'

const commands = {
  echo: { usage: '[ARG]...', min: 0, max: 2 },
  'do/nothing': { usage: '', min: 1, max: 1 },
}

const serve = (): Duplex => {
  const [near, far] = duplexPair()
  // biome-ignore lint/correctness/useYield: it never waits
  serveUnixctl(far, function* (name, args) {
    const command = commandFor(commands, name, args)
    return typeof command === 'string' ? refuse(command) : reply(args.join(' '))
  })
  return near
}

const ask = (duplex: Duplex, name: string, ...args: string[]): unknown => {
  let answer: unknown
  start(askUnixctl(duplex, name, args), {
    done(value) {
      answer = value
    },
  })
  return answer
}

test('commands are answered in lines', () => {
  const duplex = serve()
  expect(ask(duplex, 'echo', 'a', 'b')).toEqual({ ok: true, text: 'a b\n' })
  expect(ask(duplex, 'echo')).toEqual({ ok: true, text: '' })
  expect(ask(duplex, 'echo', 'ä\n')).toEqual({ ok: true, text: 'ä\n' })
})

test.each([
  ['nope', [], '"nope" is not a valid command (use "list-commands" to see a list of valid commands)\n'],
  ['do/nothing', [], '"do/nothing" command requires at least 1 arguments\n'],
  ['echo', ['a', 'b', 'c'], '"echo" command takes at most 2 arguments\n'],
])('%s %j', (name, args, error) => {
  expect(ask(serve(), name, ...args)).toEqual({ ok: false, error })
})

test('what there is', () => {
  expect(commandListing(commands)).toBe(
    'The available commands are:\n  do/nothing              \n  echo                    [ARG]...\n',
  )
})

test('requests may come in pieces, and several at once', () => {
  const duplex = serve()
  const both = '{"id":0,"method":"echo","params":["x"]}{"id":"one","method":"nope","params":[]}'
  for (const letter of both) duplex.output.offer(utf8(letter))
  expect(fromUtf8(duplex.input.take())).toBe(
    '{"id":0,"result":"x\\n","error":null}{"id":"one","error":"\\"nope\\" is not a valid command (use \\"list-commands\\" to see a list of valid commands)\\n"}',
  )
})

test.each([
  'xyz',
  '[]',
  '{"id":0,"method":"echo"}',
  '{"id":0,"method":"echo","params":{}}',
  '{"id":null,"method":"echo","params":[]}',
  '{"id":0,"result":1,"error":null}',
  `${'['.repeat(5000)}`,
])('%s is hung up on', text => {
  const duplex = serve()
  duplex.output.offer(utf8(text))
  expect(duplex.input.size).toBe(0)
  expect(duplex.input.closed).toBe(true)
})

test('arguments are texts', () => {
  const duplex = serve()
  duplex.output.offer(utf8('{"id":1,"method":"echo","params":["a",2]}'))
  expect(fromUtf8(duplex.input.take())).toBe('{"id":1,"error":"\\"echo\\" command has non-string argument\\n"}')
})

test('a daemon that says nothing, or nonsense', () => {
  for (const [said, why] of [
    ['', 'End of file'],
    ['xyz', 'Protocol error'],
    ['{"id":0}', 'Protocol error'],
  ] as const) {
    const [near, far] = duplexPair()
    far.output.offer(utf8(said))
    far.close()
    expect(ask(near, 'version')).toBe(why)
  }
})
