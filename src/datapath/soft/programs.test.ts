import { expect, test } from 'vitest'
import type { Action } from '../action.ts'
import { Programs } from './programs.ts'

const out = (...ports: number[]): Action[] => ports.map(port => ({ type: 'output', port }))

test('flows that send to the same ports in the same order share what they do', () => {
  const programs = new Programs()
  const first = programs.of(out(1, 2))
  expect(programs.of(out(1, 2))).toBe(first)
  expect(programs.of(out(2, 1))).not.toBe(first)
  expect(programs.of(out(12))).not.toBe(first)
  expect(programs.of([])).toBe(programs.of([]))
})

test('others have their own', () => {
  const programs = new Programs()
  const tagged = (): Action[] => [{ type: 'pop_vlan' }, ...out(1)]
  const one = programs.of(tagged())
  expect(programs.of(tagged())).not.toBe(one)
  expect(one.actions).toEqual(tagged())
})

test('what is remembered has a bound', () => {
  const programs = new Programs()
  const first = programs.of(out(0))
  for (let port = 1; port <= 4096; port++) programs.of(out(port))
  expect(programs.of(out(0))).not.toBe(first)
})
