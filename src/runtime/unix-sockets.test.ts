import { expect, test } from 'vitest'
import type { Duplex } from './stream.ts'
import { UnixSockets } from './unix-sockets.ts'

test('who connects reaches who listens, until that one stops', () => {
  const sockets = new UnixSockets()
  expect(sockets.connect('/run/a')).toBeUndefined()
  const accepted: Duplex[] = []
  const stop = sockets.listen('/run/a', duplex => accepted.push(duplex))
  expect([sockets.has('/run/a'), sockets.has('/run/b')]).toEqual([true, false])
  sockets.connect('/run/a')?.output.offer(Uint8Array.of(7))
  expect([...(accepted[0]?.input.take() ?? [])]).toEqual([7])
  stop()
  expect(sockets.connect('/run/a')).toBeUndefined()
})

test('a listener that was replaced does not take its successor away', () => {
  const sockets = new UnixSockets()
  const stopFirst = sockets.listen('/run/a', () => {})
  let second = 0
  sockets.listen('/run/a', () => second++)
  stopFirst()
  sockets.connect('/run/a')
  expect(second).toBe(1)
})
