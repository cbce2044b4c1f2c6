import { describe, expect, test } from 'vitest'
import { duplexPair, Pipe } from './stream.ts'
import { start } from './task.ts'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

describe('a pair of ends', () => {
  test('what one end puts out is what the other takes in, both ways', () => {
    const [a, b] = duplexPair()
    a.output.offer(bytes(1, 2))
    b.output.offer(bytes(3))
    expect([...b.input.take()]).toEqual([1, 2])
    expect([...a.input.take()]).toEqual([3])
  })

  test('the limit holds for each direction', () => {
    const [a, b] = duplexPair(2)
    expect(a.output.offer(bytes(1, 2))).toBe(true)
    expect(a.output.offer(bytes(3))).toBe(false)
    expect(b.output.offer(bytes(4))).toBe(true)
  })

  test('closing one end ends both directions, after what was sent', () => {
    const [a, b] = duplexPair()
    a.output.offer(bytes(9))
    a.close()
    expect(b.output.offer(bytes(1))).toBe(false)
    const got: (number | undefined)[] = []
    start(
      (function* () {
        for (let i = 0; i < 2; i++) got.push((yield* b.input.read())?.[0])
      })(),
    )
    expect(got).toEqual([9, undefined])
  })

  test('a reader that waits wakes when the other end closes', () => {
    const [a, b] = duplexPair()
    let end: unknown = 'waiting'
    start(b.input.read(), {
      done: value => {
        end = value
      },
    })
    expect(end).toBe('waiting')
    a.close()
    expect(end).toBeUndefined()
  })
})

describe('a pipe', () => {
  test('takes in pieces what was offered whole', () => {
    const pipe = new Pipe()
    pipe.offer(bytes(1, 2, 3))
    expect([...pipe.take(2)]).toEqual([1, 2])
    expect(pipe.size).toBe(1)
    expect([...pipe.take()]).toEqual([3])
  })
})
