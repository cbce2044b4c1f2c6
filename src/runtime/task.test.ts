import { describe, expect, test } from 'vitest'
import { apart, elapsed, first, type Running, Signal, sleep, start, type Task, unwound } from './task.ts'
import { VirtualClock } from './virtual-clock.ts'

describe('a task', () => {
  test('runs at once until it waits, and goes on inside the event it waited for', () => {
    const clock = new VirtualClock()
    const said: string[] = []
    function* program(): Task<number> {
      said.push(`start ${clock.now()}`)
      yield* sleep(clock, 10)
      said.push(`awake ${clock.now()}`)
      return 3
    }
    let status: number | undefined
    const running = start(program(), { done: value => (status = value) })
    expect(said).toEqual(['start 0'])
    clock.runUntil(10)
    expect(said).toEqual(['start 0', 'awake 10'])
    expect([status, running.ended]).toEqual([3, true])
  })

  test('that is stopped cancels its wait and runs its finally blocks', () => {
    const clock = new VirtualClock()
    const said: string[] = []
    function* program(): Task<void> {
      try {
        yield* sleep(clock, 10)
        said.push('never')
      } finally {
        said.push('cleaned up')
      }
    }
    const running = start(program(), { done: () => said.push('done') })
    running.stop()
    running.stop()
    clock.runUntil(20)
    expect(said).toEqual(['cleaned up'])
    expect([clock.pending, running.ended]).toEqual([0, true])
  })

  test('may wait for what is there already, a million times, without recursion', () => {
    function* program(): Task<number> {
      let count = 0
      while (count < 1e6) {
        yield resume => {
          resume()
          return () => {}
        }
        count++
      }
      return count
    }
    let got = 0
    start(program(), { done: value => (got = value) })
    expect(got).toBe(1e6)
  })

  test('hands over what it throws', () => {
    const clock = new VirtualClock()
    function* program(): Task<void> {
      yield* sleep(clock, 1)
      throw new Error('our mistake')
    }
    const seen: unknown[] = []
    start(program(), { failed: error => seen.push(error) })
    clock.runUntil(1)
    expect(seen).toEqual([new Error('our mistake')])
    start(program())
    expect(() => clock.runUntil(2)).toThrow('our mistake')
  })

  test('that stops itself ends at its next wait', () => {
    const clock = new VirtualClock()
    const said: string[] = []
    const held: { running?: { stop(): void } } = {}
    function* program(): Task<void> {
      yield* sleep(clock, 1)
      held.running?.stop()
      said.push('still here')
      yield* sleep(clock, 1)
      said.push('never')
    }
    held.running = start(program())
    clock.runUntil(5)
    expect(said).toEqual(['still here'])
  })
})

describe('waiting', () => {
  test('for a signal resumes all that wait, once', () => {
    const signal = new Signal()
    let woken = 0
    function* program(): Task<void> {
      yield signal.wait
      woken++
      yield signal.wait
      woken++
    }
    start(program())
    start(program())
    signal.wake()
    expect(woken).toBe(2)
    signal.wake()
    signal.wake()
    expect(woken).toBe(4)
  })

  test('for the first of several cancels the others', () => {
    const clock = new VirtualClock()
    const signal = new Signal()
    const times: number[] = []
    function* program(): Task<void> {
      yield first(signal.wait, elapsed(clock, 10))
      times.push(clock.now())
      yield first(elapsed(clock, 10), signal.wait)
      times.push(clock.now())
    }
    start(program())
    clock.at(3, () => signal.wake())
    clock.runUntil(3)
    expect(clock.pending).toBe(1)
    clock.runUntil(100)
    expect(times).toEqual([3, 13])
    expect(clock.pending).toBe(0)
  })

  test('for the first of several may end at once, and can be stopped', () => {
    const clock = new VirtualClock()
    let ended = false
    function* program(): Task<void> {
      yield first(
        resume => {
          resume()
          return () => {}
        },
        elapsed(clock, 10),
      )
      ended = true
      yield first(elapsed(clock, 5), elapsed(clock, 6))
    }
    const running = start(program())
    expect(ended).toBe(true)
    expect(clock.pending).toBe(2)
    running.stop()
    expect(clock.pending).toBe(0)
  })
})

describe('tasks that nest', () => {
  function* deep(levels: number, end: () => Task<number>): Task<number> {
    return levels === 0 ? yield* end() : 1 + (yield* apart(deep(levels - 1, end)))
  }

  test('go deep with little stack, at once and after a wait', () => {
    const clock = new VirtualClock()
    let value = 0
    start(
      deep(400, function* () {
        yield* sleep(clock, 5)
        return 1
      }),
      { done: got => (value = got) },
    )
    clock.runUntil(5)
    expect(value).toBe(401)
  })

  test('pass on what is thrown, and are stopped with the task that waits for them', () => {
    const clock = new VirtualClock()
    const ends: string[] = []
    const caught = start(
      (function* () {
        try {
          yield* apart(
            // biome-ignore lint/correctness/useYield: it throws at once
            (function* (): Task<void> {
              throw new Error('inside')
            })(),
          )
        } catch (error) {
          ends.push((error as Error).message)
        }
      })(),
    )
    expect(caught.ended).toBe(true)
    const waiting = start(
      apart(
        (function* (): Task<void> {
          try {
            yield* sleep(clock, 5)
          } finally {
            ends.push('stopped')
          }
        })(),
      ),
    )
    waiting.stop()
    expect(ends).toEqual(['inside', 'stopped'])
    expect(clock.pending).toBe(0)
  })

  test('unwound gives what its function gives', () => {
    let got: number | undefined
    start(
      unwound(() => 7),
      { done: value => (got = value) },
    )
    expect(got).toBe(7)
  })
})

test('a task that stops itself runs its finally blocks', () => {
  const clock = new VirtualClock()
  const ends: string[] = []
  let self: Running | undefined
  self = start(
    (function* (): Task<void> {
      try {
        yield* sleep(clock, 1)
        self?.stop()
        yield* sleep(clock, 1)
      } finally {
        ends.push('finally')
      }
    })(),
    { done: () => ends.push('done') },
  )
  clock.runUntil(10)
  expect(ends).toEqual(['finally'])
  expect(clock.now()).toBe(10)
})

test('what `done` throws is not a failure of the task', () => {
  const clock = new VirtualClock()
  let failed = false
  start(sleep(clock, 1), {
    done: () => {
      throw new Error('ours')
    },
    failed: () => (failed = true),
  })
  expect(() => clock.step()).toThrow('ours')
  expect(failed).toBe(false)
})

describe('a signal', () => {
  const waiting = () => {
    const signal = new Signal()
    const resumed: string[] = []
    const wait = (name: string) => signal.wait(() => resumed.push(name))
    return { signal, resumed, wait }
  }

  test('resumes those that wait in the order in which they came, each once', () => {
    const { signal, resumed, wait } = waiting()
    for (const name of ['a', 'b', 'c']) wait(name)
    signal.wake()
    signal.wake()
    expect(resumed).toEqual(['a', 'b', 'c'])
  })

  test('leaves out who waits no longer, and keeps the order of the others', () => {
    const { signal, resumed, wait } = waiting()
    const cancels = ['a', 'b', 'c'].map(wait)
    cancels[0]!()
    wait('d')
    cancels[2]!()
    signal.wake()
    expect(resumed).toEqual(['b', 'd'])
  })

  test('resumes one that waits twice once', () => {
    const signal = new Signal()
    let count = 0
    const resume = () => {
      count++
    }
    for (let i = 0; i < 2; i++) signal.wait(resume)
    signal.wake()
    expect(count).toBe(1)
  })

  test('who waits again while it is being woken waits for the next time', () => {
    const { signal, resumed, wait } = waiting()
    signal.wait(() => {
      resumed.push('first')
      wait('again')
    })
    wait('second')
    signal.wake()
    expect(resumed).toEqual(['first', 'second'])
    signal.wake()
    expect(resumed).toEqual(['first', 'second', 'again'])
  })
})
