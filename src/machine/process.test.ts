import { describe, expect, test } from 'vitest'
import { first, sleep, type Task } from '../runtime/index.ts'
import type { Command, Process } from './command.ts'
import { testMachine } from './machine.testing.ts'
import { nowhere, OpenFile, pipe } from './streams.ts'

const napper: Command = function* (process): Task<number> {
  yield* sleep(process.clock, 10e9)
  return 0
}

describe('a process', () => {
  test('ends with its status, cut to eight bits, and leaves the table', () => {
    const { machine, run } = testMachine({
      // biome-ignore lint/correctness/useYield: it ends at once
      odd: function* () {
        return 300
      },
    })
    expect(run(['odd']).status).toBe(300 & 255)
    expect([...machine.processes.keys()]).toEqual([1])
  })

  test('has an environment, a directory and descriptors of its own', () => {
    const { machine } = testMachine()
    const env = new Map([['A', '1']])
    const child = machine.init.spawn(napper, {
      args: ['nap'],
      env,
      cwd: '/tmp',
      files: new Map([[5, new OpenFile(nowhere)]]),
    })
    child.env.set('A', '2')
    expect([env.get('A'), child.cwd, [...child.files.keys()]]).toEqual(['1', '/tmp', [5]])
    expect(child.namespace).toBe(machine.kernel.root)
    expect([child.parent, child.pid]).toEqual([machine.init, 100])
  })

  test('can be waited for by several', () => {
    const { machine, clock } = testMachine()
    const child = machine.spawn(['sleep', '1'])
    const seen: number[] = []
    const waiter: Command = function* (): Task<number> {
      seen.push(yield* child.wait())
      return 0
    }
    machine.init.spawn(waiter, { args: ['w'] })
    machine.init.spawn(waiter, { args: ['w'] })
    clock.runUntil(2e9)
    expect(seen).toEqual([0, 0])
  })

  test('numbers count from the machine’s first', () => {
    const { machine } = testMachine()
    expect([machine.spawn(['true']).pid, machine.spawn(['true']).pid]).toEqual([100, 101])
  })
})

describe('signals', () => {
  test('end a process where it waits, and its finally blocks run', () => {
    const { machine, clock } = testMachine()
    let cleaned = 0
    const process = machine.init.spawn(
      function* (self): Task<number> {
        try {
          yield* sleep(self.clock, 1e9)
          return 0
        } finally {
          cleaned++
        }
      },
      { args: ['x'] },
    )
    process.signal('TERM')
    expect([process.status, process.endedBy, cleaned]).toEqual([143, 'TERM', 1])
    clock.runUntil(5e9)
    expect(process.status).toBe(143)
  })

  test('that are caught wake and count', () => {
    const { machine, clock } = testMachine()
    const counts: number[] = []
    const process = machine.init.spawn(
      function* (self): Task<number> {
        const caught = self.catchSignal('INT')
        while (caught.count < 2) {
          yield first(caught.wait, resume => self.clock.at(self.clock.now() + 1e9, resume))
          counts.push(caught.count)
        }
        return 7
      },
      { args: ['x'] },
    )
    process.signal('INT')
    clock.runUntil(1.5e9)
    process.signal('INT')
    expect([counts, process.status]).toEqual([[1, 1, 2], 7])
  })

  test('that are ignored stay ignored in children; KILL never is', () => {
    const { machine } = testMachine()
    let child: Process | undefined
    const process = machine.init.spawn(
      function* (self): Task<number> {
        self.ignoreSignal('INT')
        self.ignoreSignal('KILL')
        child = self.spawn(napper, { args: ['nap'] })
        return yield* child.wait()
      },
      { args: ['x'] },
    )
    child?.signal('INT')
    process.signal('INT')
    process.signal('CHLD')
    expect([process.ended, child?.ended]).toEqual([false, false])
    child?.signal('KILL')
    expect([process.status, child?.status]).toEqual([137, 137])
  })

  test('sent to oneself end at once', () => {
    const { run } = testMachine({
      suicide: function* (process) {
        process.signal('TERM')
        yield* sleep(process.clock, 1e9)
        return 0
      },
    })
    expect(run(['suicide']).status).toBe(143)
  })
})

describe('descriptors', () => {
  test('a pipe whose reader has gone ends the writer with 141, quietly', () => {
    const { run } = testMachine()
    expect(run('yes | true; echo; yes | head -n 1')).toEqual({ status: 0, stdout: '\ny\n', stderr: '' })
    const { machine } = testMachine()
    const between = pipe()
    const writer = machine.spawn(['true'])
    between.reader.close()
    const process = machine.init.spawn(machine.commands.yes as Command, {
      args: ['yes'],
      files: new Map([[1, between.writer]]),
    })
    expect([writer.status, process.status, process.endedBy]).toEqual([0, 141, 'PIPE'])
  })

  test('a pipe ends when the last writer has gone', () => {
    const { run, clock } = testMachine()
    expect(run('{ sleep 3 & echo now; } | cat').stdout).toBe('now\n')
    expect(clock.now()).toBe(3e9)
  })

  test('a full pipe makes the writer wait', () => {
    const { run } = testMachine()
    expect(run('seq 100000 | { sleep 1; tail -n 1; }').stdout).toBe('100000\n')
  })

  test('lines are read across chunks, characters too', () => {
    const { run } = testMachine({
      lines: function* (process) {
        for (let line = yield* process.readLine(); line !== undefined; line = yield* process.readLine())
          yield* process.print(`<${line}>`)
        return 0
      },
    })
    expect(run("{ printf 'a\\nb'; sleep 1; printf 'c\\n\\nd'; } | lines").stdout).toBe('<a><bc><><d>')
    expect(run("{ printf '\\303'; sleep 1; printf '\\251\\n'; } | cat").status).toBe(0)
  })
})
