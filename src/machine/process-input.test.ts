import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { start, type Task, utf8 } from '../runtime/index.ts'
import type { Command, Process } from './command.ts'
import { testMachine } from './machine.testing.ts'
import { OpenFile, pipe, sink, source } from './streams.ts'

/** Runs a command of the table with an input that comes in these portions; what it prints. */
const filtered = (args: string[], portions: readonly Uint8Array[]): string => {
  const { machine, clock } = testMachine()
  const { reader, writer } = pipe()
  const out: number[] = []
  machine.spawn(args, { stdin: reader.stream, stdout: sink(bytes => out.push(...bytes)) })
  for (const portion of portions) {
    start(writer.stream.write(portion))
    clock.runUntil(clock.now() + 1)
  }
  writer.close()
  clock.runUntil(clock.now() + 1e9)
  return new TextDecoder().decode(Uint8Array.from(out))
}

const bytewise = (text: string): Uint8Array[] => [...utf8(text)].map(byte => Uint8Array.of(byte))

describe('characters that come a byte at a time', () => {
  test('pass tr and cat whole', () => {
    expect(filtered(['tr', 'a', 'b'], bytewise('añ€😀a\n'))).toBe('bñ€😀b\n')
    expect(filtered(['tr', 'é', 'e'], bytewise('é€é'))).toBe('e€e')
    expect(filtered(['cat', '-n'], bytewise('ñ\n€😀'))).toBe('     1\tñ\n     2\t€😀')
  })

  test('make the same lines however they are cut', () => {
    const lines = function* (process: Process): Task<number> {
      for (let line = yield* process.readLine(); line !== undefined; line = yield* process.readLine())
        yield* process.print(`<${line}>`)
      return 0
    }
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat(20)), (text, cuts) => {
        const { machine, clock } = testMachine({ lines })
        const { reader, writer } = pipe()
        let out = ''
        machine.spawn(['lines'], {
          stdin: reader.stream,
          stdout: sink(bytes => (out += new TextDecoder().decode(bytes))),
        })
        const bytes = utf8(`${text}\nend`)
        let at = 0
        for (const cut of [...cuts, bytes.length]) {
          start(writer.stream.write(bytes.slice(at, at + cut)))
          clock.runUntil(clock.now() + 1)
          at += cut
        }
        writer.close()
        clock.runUntil(clock.now() + 1)
        expect(out).toBe(
          `${text}\nend`
            .split('\n')
            .map(line => `<${line}>`)
            .join(''),
        )
      }),
      { numRuns: 100 },
    )
  })

  test('half a character before a newline is shown as what it is', () => {
    const { machine } = testMachine()
    let got: string | undefined
    const read: Command = function* (process) {
      got = yield* process.readLine()
      return 0
    }
    machine.init.spawn(read, {
      args: ['read'],
      files: new Map([[0, new OpenFile(source(Uint8Array.of(0xe2, 0x82, 10)))]]),
    })
    expect(got).toBe('\ufffd\ufffd')
  })
})

describe('a process', () => {
  test('has what it did not read as a line for its other reads', () => {
    const { machine } = testMachine()
    const got: unknown[] = []
    const read: Command = function* (process) {
      got.push(yield* process.readLine(), yield* process.read(1), yield* process.readAll(), yield* process.readLine())
      return 0
    }
    machine.init.spawn(read, { args: ['read'], files: new Map([[0, new OpenFile(source(utf8('one\ntwo')))]]) })
    expect(got).toEqual(['one', utf8('t'), utf8('wo'), undefined])
  })

  test('without descriptors reads nothing and prints nowhere', () => {
    const { machine } = testMachine()
    const got: unknown[] = []
    const program: Command = function* (process) {
      got.push(yield* process.read(), yield* process.readLine(), (yield* process.readAll()).length)
      yield* process.print('lost')
      return yield* process.fail('lost too', 4)
    }
    expect(machine.init.spawn(program, { args: ['p'], files: new Map() }).status).toBe(4)
    expect(got).toEqual([undefined, undefined, 0])
  })

  test('exits from any depth, after its finally blocks', () => {
    const { machine } = testMachine()
    const ends: string[] = []
    function* deep(process: Process, levels: number): Task<number> {
      try {
        return levels === 0 ? process.exit(7) : yield* deep(process, levels - 1)
      } finally {
        ends.push(String(levels))
      }
    }
    expect(machine.init.spawn(process => deep(process, 2), { args: ['p'] }).status).toBe(7)
    expect(ends).toEqual(['0', '1', '2'])
  })

  test('without room for a child ends with 254', () => {
    const { machine } = testMachine()
    const parent: Command = function* (process) {
      process.nesting = 400
      return yield* process.spawn(parent, { args: ['child'] }).wait()
    }
    expect(machine.init.maySpawn).toBe(true)
    expect(machine.init.spawn(parent, { args: ['parent'] }).status).toBe(254)
    expect(machine.processes.size).toBe(1)
  })

  test('that ignores SIGPIPE goes on after its reader has gone', () => {
    const { machine } = testMachine()
    const { reader, writer } = pipe()
    const program = (ignores: boolean): Command =>
      function* (process) {
        if (ignores) process.ignoreSignal('PIPE')
        yield* process.print('x')
        return 3
      }
    reader.close()
    const files = new Map([[1, writer]])
    expect(machine.init.spawn(program(true), { args: ['p'], files })).toMatchObject({ status: 3, endedBy: undefined })
    expect(machine.init.spawn(program(false), { args: ['p'], files })).toMatchObject({ status: 141, endedBy: 'PIPE' })
  })

  test('in the background ignores Ctrl-C, and so do its children', () => {
    const { machine, clock } = testMachine()
    const child: Process[] = []
    const waits: Command = function* (process) {
      if (process.args[0] === 'parent') child.push(process.spawn(waits, { args: ['child'] }))
      yield resume => process.clock.at(1e9, resume)
      return 0
    }
    const parent = machine.init.spawn(waits, { args: ['parent'], background: true })
    for (const each of [parent, ...child]) each.signal('INT')
    expect(child[0]?.background).toBe(true)
    expect([parent.ended, child[0]?.ended]).toEqual([false, false])
    parent.resetSignal('INT')
    parent.signal('INT')
    expect([parent.status, parent.endedBy]).toEqual([130, 'INT'])
    clock.runUntil(1e9)
    expect(child[0]?.status).toBe(0)
  })
})
