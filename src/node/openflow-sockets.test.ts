import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Duplex } from '../runtime/index.ts'
import { listenRemote, openRemote } from './openflow-sockets.ts'

const enter = (happen: () => void): void => happen()

/** Reads so many bytes as they come. */
const gather = (duplex: Duplex, size: number): Promise<number> =>
  new Promise(resolve => {
    let got = 0
    const look = (): void => {
      got += duplex.input.take().length
      if (got >= size || duplex.input.closed) resolve(got)
      else duplex.input.changed.wait(look)
    }
    look()
  })

test.each(['unix', 'tcp'])('%s carries more than there is room for, both ways, and its end', async kind => {
  const directory = mkdtempSync(join(tmpdir(), 'weft-sockets-'))
  const accepted: Duplex[] = []
  const place = kind === 'unix' ? `punix:${directory}/s` : 'ptcp:0:127.0.0.1'
  const listening = await listenRemote(place, enter, duplex => accepted.push(duplex))
  if (typeof listening === 'string') throw new Error(listening)
  const near = await openRemote(kind === 'unix' ? `unix:${directory}/s` : `tcp:127.0.0.1:${listening.port}`, enter)
  if (typeof near === 'string') throw new Error(near)
  await new Promise(resolve => setTimeout(resolve, 20))
  const [far] = accepted as [Duplex]
  const size = 3_000_000
  // The system takes some, and how much is its own business; then there is no room.
  let offered = 0
  while (offered < 100 * size && near.output.offer(new Uint8Array(size))) offered += size
  expect(offered).toBeLessThan(100 * size)
  far.output.offer(new Uint8Array(size))
  expect(await Promise.all([gather(far, offered), gather(near, size)])).toEqual([offered, size])
  near.close()
  expect(await gather(far, 1)).toBe(0)
  listening.close()
  rmSync(directory, { recursive: true })
})

test('what is written in one turn arrives in order, the long parts before its end', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'weft-sockets-'))
  const accepted: Duplex[] = []
  const listening = await listenRemote(`punix:${directory}/s`, enter, duplex => accepted.push(duplex))
  if (typeof listening === 'string') throw new Error(listening)
  const near = await openRemote(`unix:${directory}/s`, enter)
  if (typeof near === 'string') throw new Error(near)
  await new Promise(resolve => setTimeout(resolve, 20))
  const sent: number[] = []
  const waiting: number[] = []
  for (let i = 0; i < 50; i++) {
    const bytes = new Uint8Array(100).fill(i)
    sent.push(...bytes)
    near.output.offer(bytes)
    waiting.push(near.output.size)
  }
  expect(Math.max(...waiting)).toBe(2000)
  expect(waiting[20]).toBe(0)
  const got: number[] = []
  const [far] = accepted as [Duplex]
  while (got.length < sent.length) {
    got.push(...far.input.take())
    await new Promise(resolve => setTimeout(resolve, 1))
  }
  expect(got).toEqual(sent)
  near.close()
  listening.close()
  rmSync(directory, { recursive: true })
})

test('what cannot be reached says why', async () => {
  expect(await openRemote('unix:/nowhere/at/all', enter)).toBe('No such file or directory')
  expect(await openRemote('tcp:127.0.0.1:1', enter)).toBe('Connection refused')
  expect(await openRemote('ptcp:1', enter)).toBe('Address family not supported by protocol')
  expect(await listenRemote('tcp:127.0.0.1:1', enter, () => {})).toBe('Address family not supported by protocol')
})

// As ovs-ofctl 3.1 says it.
const changed = 'stream The default OpenFlow port number has changed from 6633 to 6653'
test.each([
  ['tcp:', [changed, 'stream_tcp tcp::6653: connect: AF']],
  ['ssl:', [changed, 'stream_ssl ssl::6653: connect: AF']],
  ['tcp:1.2.3.4:bar', ['socket_util 1.2.3.4:bar: bad port number "bar"', 'stream_tcp tcp:1.2.3.4:bar: connect: AF']],
  ['tcp:[::1]:99999', ['socket_util [::1]:99999: bad port number "99999"', 'stream_tcp tcp:[::1]:99999: connect: AF']],
  ['tcp:[::1', ['socket_util [::1: port must be specified', 'stream_tcp tcp:[::1: connect: AF']],
  ['tcp:[::1]x', ['socket_util [::1]x: port must be specified', 'stream_tcp tcp:[::1]x: connect: AF']],
  ['tcp::6653', [changed, 'socket_util :6653:6653: port must be specified', 'stream_tcp tcp::6653:6653: connect: AF']],
  [
    'tcp:127.0.0.1:',
    [changed, 'socket_util 127.0.0.1::6653: port must be specified', 'stream_tcp tcp:127.0.0.1::6653: connect: AF'],
  ],
  ['tcp:::1:6653', ['socket_util ::1:6653: port must be specified', 'stream_tcp tcp:::1:6653: connect: AF']],
  ['foo:bar', []],
])('%s cannot be read, which is said', async (text, lines) => {
  const said: string[] = []
  const why = 'Address family not supported by protocol'
  const log = (module: string, line: string): void => void said.push(`${module} ${line.replace(why, 'AF')}`)
  expect(await openRemote(text, enter, { log })).toBe(why)
  expect(said).toEqual(lines)
})
