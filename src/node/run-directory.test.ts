import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { OpenFlowAgent } from '../switch/agent/agent.ts'
import { Bed } from '../switch/switch.testing.ts'
import type { Vswitchd } from '../vswitchd/index.ts'
import { openRunDirectory } from './run-directory.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weft-run-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** A daemon of one bridge, as far as its sockets go. */
const daemonOf = (): Pick<Vswitchd, 'watchAgents'> => {
  const bed = new Bed()
  const agent = new OpenFlowAgent(bed.bridge('br0', {}), bed.switch)
  return { watchAgents: watch => watch(agent, 'added') }
}

/** Opens the sockets of a daemon `hv1` and gives what could not be, once all was tried. */
const open = async (path: string, wait: () => boolean) => {
  const failures: string[] = []
  const opened = openRunDirectory(
    path,
    new Map([['hv1', daemonOf() as Vswitchd]]),
    happen => happen(),
    (what, why) => failures.push(`${what}: ${why}`),
  )
  for (let i = 0; i < 200 && !wait() && failures.length === 0; i++) await new Promise(done => setTimeout(done, 5))
  return { failures, close: () => opened.close() }
}

test('bridges have sockets in folders of their own, and none afterwards', async () => {
  const socket = join(directory, 'a/b/hv1/br0.mgmt')
  const { failures, close } = await open(join(directory, 'a/b'), () => existsSync(socket))
  expect([failures, existsSync(socket)]).toEqual([[], true])
  close()
  for (let i = 0; i < 200 && existsSync(socket); i++) await new Promise(done => setTimeout(done, 5))
  expect(existsSync(socket)).toBe(false)
})

test('sockets that a killed run has left are replaced', async () => {
  const socket = join(directory, 'hv1/br0.mgmt')
  mkdirSync(join(directory, 'hv1'))
  writeFileSync(socket, '')
  const { failures, close } = await open(directory, () => false)
  expect(failures).toEqual([])
  close()
})

test.each([
  ['a file', () => join(directory, 'file'), 'Not a directory'],
  ['where nothing can be made', () => '/proc/none/here', 'No such file or directory'],
])('%s is no folder', async (_, path, why) => {
  writeFileSync(join(directory, 'file'), '')
  const { failures } = await open(path(), () => false)
  expect(failures[0]).toContain(why)
})

test('a path that is too long for a socket', async () => {
  const { failures } = await open(join(directory, 'x'.repeat(120)), () => false)
  expect(failures[0]).toMatch(/br0\.(mgmt|snoop): File name too long/)
})
