/** What a live server makes of nonsense: an error or the end of the connection, in bounded memory, and others are served on. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { below, seeded, utf8 } from '../../src/runtime/index.ts'
import { buildWeft, runIn } from './weft-cli.testing.ts'

let folder: string
let path: string
let stop = (): void => undefined
let residentOf = (): number => 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weft-hostile-'))
  path = join(folder, 'db.sock')
  const weft = await buildWeft()
  await runIn(folder, `${weft.tool('ovsdb-tool')} create conf.db`)
  const [node = '', ...words] = weft.tool('ovsdb-server').split(' ')
  const args = [...words, join(folder, 'conf.db'), `--remote=punix:${path}`, '--unixctl=none', '-vconsole:off']
  const child = spawn(node, args, { stdio: 'ignore' })
  residentOf = () => Number(/VmRSS:\s*([0-9]+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1024
  stop = () => {
    child.kill('SIGKILL')
    weft.close()
    rmSync(folder, { recursive: true, force: true })
  }
  for (let i = 0; i < 200 && !existsSync(path); i++) await new Promise(resolve => setTimeout(resolve, 25))
})
afterAll(() => stop())

const opened = (): Promise<Socket> =>
  new Promise(resolve => {
    const socket = connect(path, () => resolve(socket))
    socket.on('error', () => undefined)
  })

/** Sends bytes and hears until an answer, the end, or silence. */
const ask = async (bytes: Uint8Array, silence = 300): Promise<string> => {
  const socket = await opened()
  let heard = ''
  const over = new Promise<string>(resolve => {
    const timer = setTimeout(() => resolve(heard), silence)
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(`${heard}closed`)
    })
    socket.on('data', data => {
      heard += data.toString()
      if (heard.includes('\n') || heard.endsWith('}')) resolve(heard)
    })
  })
  socket.write(bytes)
  const told = await over
  socket.destroy()
  return told
}

const echo = utf8('{"id":1,"method":"echo","params":["here"]}')
const isThere = async (): Promise<void> => {
  expect(await ask(echo, 20_000)).toBe('{"id":1,"result":["here"],"error":null}')
}

const request = (params: string): Uint8Array => utf8(`{"id":1,"method":"transact","params":${params}}`)
const long = 'x'.repeat(100_000)

test.each<[string, Uint8Array, RegExp]>([
  ['deep nesting', utf8('['.repeat(100_000)), /^closed$/],
  ['no JSON', utf8('}'), /^closed$/],
  ['an array', utf8('[]'), /^closed$/],
  ['broken UTF-8', Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), /^closed$/],
  [
    'a huge number',
    request(`["Open_vSwitch",{"op":"insert","table":"Bridge","row":{"name":${'9'.repeat(5000)}}}]`),
    /error|closed/,
  ],
  ['a number without end', request(`["Open_vSwitch",${'1e'.repeat(1000)}]`), /^closed$/],
  [
    'a huge timeout',
    request(
      '["Open_vSwitch",{"op":"wait","table":"Bridge","where":[],"until":"==","columns":[],"rows":[],"timeout":1e308}]',
    ),
    /error/,
  ],
  ['a message of very many parts', request(`[${'{},'.repeat(4_000_000)}`), /^closed$/],
  ['a name of a prototype', request('["__proto__",{"op":"select"}]'), /unknown database/],
  [
    'a table of a prototype',
    request('["Open_vSwitch",{"op":"select","table":"constructor","where":[]}]'),
    /No table named/,
  ],
  ['a long name', request(`["Open_vSwitch",{"op":"${long}"}]`), /error/],
  ['many operations', request(`["Open_vSwitch"${',{"op":"abort"}'.repeat(20_000)}]`), /aborted/],
])('%s', async (_name, bytes, wanted) => {
  expect(await ask(bytes, 10_000)).toMatch(wanted)
  await isThere()
})

test('messages with mistakes in them', async () => {
  const random = seeded(Number(process.env.SEED ?? 1))
  const good = [
    '{"id":1,"method":"monitor_cond","params":["Open_vSwitch","m",{"Bridge":[{"columns":["name"],"where":[["name","==","a"]]}]}]}',
    '{"id":2,"method":"transact","params":["Open_vSwitch",{"op":"insert","table":"Bridge","row":{"name":"a"}},{"op":"select","table":"Bridge","where":[]}]}',
    '{"id":3,"method":"lock","params":["a"]}',
  ].join('')
  for (let i = 0; i < 200; i++) {
    const bytes = utf8(good).slice()
    for (let n = 0; n <= below(random, 4); n++) bytes[below(random, bytes.length)] = below(random, 256)
    await ask(bytes, 20)
  }
  await isThere()
})

test('input without end, and a client that does not read', async () => {
  const before = residentOf()
  const piece = utf8(`${'y'.repeat(1 << 20)}`)
  const endless = await opened()
  endless.write('{"id":"')
  for (let i = 0; i < 32; i++) await new Promise(resolve => endless.write(piece, resolve))
  const deaf = await opened()
  deaf.pause()
  const ask1 = utf8('{"id":1,"method":"get_schema","params":["Open_vSwitch"]}'.repeat(1000))
  let sent = 0
  for (; sent < 200; sent++) {
    const taken = await Promise.race([
      new Promise(resolve => deaf.write(ask1, () => resolve(true))),
      new Promise(resolve => setTimeout(() => resolve(false), 500)),
    ])
    if (taken === false) break
  }
  // At some point the server reads no more of it.
  expect(sent).toBeLessThan(200)
  await isThere()
  // All its answers would be more than 5 GB.
  expect(residentOf() - before).toBeLessThan(300e6)
  endless.destroy()
  deaf.destroy()
  await isThere()
})
