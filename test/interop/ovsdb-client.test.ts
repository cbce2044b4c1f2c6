/** Our ovsdb-client beside the real one, at ovsdb-server and at `weft ovsdb-server`: the same words, the same answers. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Result } from '../../src/tools/words.testing.ts'
import { hasOvs } from './ovs.testing.ts'
import { changes, endingLines, orderRows, orderSchema, stayingLines } from './ovsdb/client-scripts.ts'
import { ourClient, type RunningClient, theirClient, withoutTimes } from './ovsdb-client.testing.ts'
import { until } from './waiting.testing.ts'
import { buildWeft, runIn, type WeftCli } from './weft-cli.testing.ts'

let weft: WeftCli
beforeAll(async () => {
  weft = await buildWeft()
}, 180_000)
afterAll(() => weft.close())

const here = (folder: string, line: string): string => line.replaceAll('DIR', folder)

/** A server, with an `Open_vSwitch` that has bridges and an `Order`. */
const startServer = async (folder: string, program: string): Promise<void> => {
  const run = async (line: string): Promise<void> => {
    const { stderr, status } = await runIn(folder, here(folder, line))
    expect([line, status, stderr]).toEqual([line, 0, ''])
  }
  writeFileSync(join(folder, 'order.ovsschema'), orderSchema('1.0.0'))
  writeFileSync(join(folder, 'newer.ovsschema'), orderSchema('1.0.1'))
  await run('ovsdb-tool create conf.db /usr/share/openvswitch/vswitch.ovsschema')
  await run('ovsdb-tool create order.db order.ovsschema')
  const options = '--remote=punix:DIR/db.sock --pidfile --detach --no-chdir -vconsole:off'
  await run(`${program} ${options} conf.db order.db`)
  await run(
    'ovs-vsctl --no-wait init -- add-br br0 -- add-port br0 p1 tag=3 -- add-br br1 -- set-controller br0 tcp:1.2.3.4',
  )
  await run(`ovsdb-client transact '${orderRows}'`)
}

const stopServer = (folder: string): void => {
  try {
    process.kill(Number(readFileSync(join(folder, 'ovsdb-server.pid'), 'utf8')))
  } catch {
    // It has ended.
  }
}

/**
 * What may differ: times, the names of the locks that each has for itself, and how often ovsdb-server says that one has a lock
 * again, as it may when others stop to wait for it.
 */
const settled = (result: Result): Result => {
  const { stdout, ...rest } = withoutTimes(result)
  const lines = stdout
    .replace(/"(?:ours|theirs)"/g, '"LOCK"')
    .replace(/(?:locked\n\["LOCK"\]\n)+/g, 'locked\n["LOCK"]\n')
  return { ...rest, stdout: lines }
}

/** Ends both when they have said the same, or do not come to it. */
const endTogether = async (ours: RunningClient, theirs: RunningClient): Promise<void> => {
  const same = (): boolean => settled(ours.result).stdout === settled(theirs.result).stdout
  await until(same, 'the same', 10_000).catch(() => undefined)
  ours.terminate()
  theirs.terminate()
  expect(settled(await ours.ended)).toEqual(settled(await theirs.ended))
}

const has =
  (client: RunningClient, text: string): (() => boolean) =>
  () =>
    client.result.stdout.includes(text)

describe.runIf(hasOvs()).each(['ovsdb-server', 'weft ovsdb-server'])('at %s', program => {
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weft-client-'))
    await startServer(folder, program === 'ovsdb-server' ? program : weft.tool('ovsdb-server'))
  }, 60_000)
  afterAll(() => {
    stopServer(folder)
    rmSync(folder, { recursive: true, force: true })
  })

  test('what ends', async () => {
    for (const line of endingLines) {
      const words = here(folder, line)
      const [ours, theirs] = await Promise.all([ourClient(folder, words).ended, theirClient(folder, words).ended])
      expect([line, withoutTimes(ours)]).toEqual([line, withoutTimes(theirs)])
    }
  }, 300_000)

  test('what stays', async () => {
    const pairs = stayingLines.map(line => {
      const words = here(folder, line)
      return [ourClient(folder, words), theirClient(folder, words)] as const
    })
    for (const pair of pairs) for (const client of pair) await until(() => client.result.stdout !== '', 'a table')
    for (const change of changes) {
      const { stderr } = await runIn(folder, `ovs-vsctl --no-wait ${change}`)
      expect(stderr).toBe('')
    }
    for (const [ours, theirs] of pairs) await endTogether(ours, theirs)
  }, 120_000)

  test('locks go from one to the other', async () => {
    const first = [ourClient(folder, 'lock ours'), theirClient(folder, 'lock theirs')] as const
    for (const client of first) await until(has(client, '{"locked":true}\n'), 'a lock')
    const second = [ourClient(folder, 'lock theirs'), theirClient(folder, 'lock ours')] as const
    for (const client of second) await until(has(client, '{"locked":false}\n'), 'no lock')
    const thieves = [ourClient(folder, 'steal theirs'), theirClient(folder, 'steal ours')] as const
    for (const client of thieves) await until(has(client, '{"locked":true}\n'), 'a stolen lock')
    for (const client of first) await until(has(client, 'stolen\n'), 'the word that it is stolen')
    for (const [ours, theirs] of [thieves, second, first]) await endTogether(ours, theirs)
  }, 60_000)

  test('a snapshot is what the other one can restore', async () => {
    const backup = (client: typeof ourClient): Promise<string> =>
      client(folder, 'backup Order').ended.then(({ stdout }) => stdout)
    const rows = async (): Promise<string> => {
      const { stdout } = await theirClient(folder, '--no-headings dump Order').ended
      return stdout.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    }
    const [own, their, before] = [await backup(ourClient), await backup(theirClient), await rows()]
    const records = (text: string): unknown[] =>
      text
        .split('\n')
        .filter((_, i) => i % 2 === 1)
        .map(record => ({ ...JSON.parse(record), _date: 0 }))
    expect(records(own)).toEqual(records(their))
    for (const [client, snapshot] of [
      [ourClient, their],
      [theirClient, own],
    ] as const) {
      await theirClient(folder, `transact '["Order",{"op":"delete","table":"T","where":[]}]'`).ended
      expect(await client(folder, 'restore Order', snapshot).ended).toEqual({ stdout: '', stderr: '', status: 0 })
      // What is not kept on disk is not in a snapshot.
      expect(await rows()).toBe(before.replace('gone', '""'))
    }
    const other = own.replaceAll('1.0.0', '1.0.9')
    for (const [words, snapshot] of [
      ['restore', own],
      ['restore Order', ''],
      ['restore Order', 'garbage'],
      ['restore Order', other],
      ['--force restore _Server', own],
    ] as const) {
      const [ours, theirs] = [ourClient, theirClient].map(client => client(folder, words, snapshot))
      expect(withoutTimes(await ours!.ended)).toEqual(withoutTimes(await theirs!.ended))
    }
  }, 60_000)

  test('a server may call', async () => {
    const socket = (name: string): string => `punix:${folder}/${name}.sock`
    const clients = [
      ourClient(folder, `list-dbs ${socket('ours')}`),
      theirClient(folder, `list-dbs ${socket('theirs')}`),
    ]
    for (const [i, name] of ['ours', 'theirs'].entries()) {
      await until(() => clients[i]!.result.stderr.includes('waiting for connection...'), 'a socket')
      const remote = `ovs-appctl -t ovsdb-server ovsdb-server/add-remote ${socket(name).slice(1)}`
      expect(await runIn(folder, remote)).toEqual({ stdout: '', stderr: '', status: 0 })
    }
    const [ours, theirs] = await Promise.all(clients.map(({ ended }) => ended))
    const unnamed = (result: Result): Result => ({
      ...result,
      stderr: result.stderr.replace(/(ours|theirs)\.sock/, 'SOCKET'),
    })
    expect(unnamed(withoutTimes(ours!))).toEqual(unnamed(withoutTimes(theirs!)))
    const lines = [`list-dbs punix:/nonexistent/x`, 'list-dbs ptcp:nothing']
    for (const line of lines) {
      const ends = await Promise.all([ourClient(folder, line).ended, theirClient(folder, line).ended])
      expect([line, withoutTimes(ends[0])]).toEqual([line, withoutTimes(ends[1])])
    }
  }, 60_000)

  test('a database gets another schema', async () => {
    const monitors = [ourClient(folder, 'monitor Order R'), theirClient(folder, 'monitor Order R')]
    for (const client of monitors) await until(has(client, 'one'), 'a row')
    expect(await ourClient(folder, `convert ${folder}/newer.ovsschema`).ended).toEqual({
      stdout: '',
      stderr: '',
      status: 0,
    })
    const ends = await Promise.all(monitors.map(({ ended }) => ended))
    expect(ends[0]).toEqual(ends[1])
    expect(ends[0]).toMatchObject({ status: 1 })
    expect((await theirClient(folder, 'get-schema-version Order').ended).stdout).toBe('1.0.1\n')
  }, 60_000)

  test('the server goes, and comes', async () => {
    const stays = [ourClient(folder, 'monitor Bridge name'), theirClient(folder, 'monitor Bridge name')]
    for (const client of stays) await until(has(client, 'br1'), 'a row')
    stopServer(folder)
    const ends = await Promise.all(stays.map(({ ended }) => ended))
    expect(ends[0]).toEqual(ends[1])
    expect(ends[0]?.stderr).toContain('receive failed (End of file)')
    const waiting = ourClient(folder, 'wait Open_vSwitch connected')
    await until(() => waiting.result.stderr.includes('connection attempt failed'), 'an attempt')
    const server = program === 'ovsdb-server' ? program : weft.tool('ovsdb-server')
    await runIn(
      folder,
      here(folder, `${server} --remote=punix:DIR/db.sock --pidfile --detach --no-chdir -vconsole:off conf.db`),
    )
    expect(await waiting.ended).toMatchObject({ stdout: '', status: 0 })
  }, 60_000)
})

test.runIf(hasOvs())(
  'in the background',
  async () => {
    const play = async (program: string): Promise<string[]> => {
      const folder = mkdtempSync(join(tmpdir(), 'weft-client-'))
      try {
        await startServer(folder, 'ovsdb-server')
        const said: string[] = []
        const lines = [
          `sh -c '${program} --detach --pidfile --no-chdir --log-file monitor-cond [] Bridge name > told'`,
          'ovs-appctl -t ovsdb-client list-commands',
          'ovs-appctl -t ovsdb-client version',
          'ovs-appctl -t ovsdb-client ovsdb-client/block',
          'ovs-vsctl --no-wait add-br br2',
          'cat told',
          'ovs-appctl -t ovsdb-client ovsdb-client/unblock',
          `sh -c 'until grep br2 told; do sleep 0.1; done'`,
          `ovs-appctl -t ovsdb-client ovsdb-client/cond_change Bridge '[["name","==","br1"]]'`,
          `sh -c 'until grep delete told; do sleep 0.1; done | wc -l'`,
          'ovs-appctl -t ovsdb-client ovsdb-client/cond_change Bridge',
          `${program} --detach --pidfile --no-chdir monitor Bridge name`,
          'ovs-appctl -t ovsdb-client exit',
          `sh -c 'while ls *client*.ctl 2>/dev/null; do sleep 0.1; done'`,
          `sh -c '${program} --detach --pidfile --no-chdir lock one > locks'`,
          'ovs-appctl -t ovsdb-client lock two',
          'ovs-appctl -t ovsdb-client unlock two',
          'ovs-appctl -t ovsdb-client list-commands',
          `sh -c 'until grep {} locks; do sleep 0.1; done'`,
          'cat locks',
          'ovs-appctl -t ovsdb-client exit',
          `sh -c 'while ls *client*.ctl 2>/dev/null; do sleep 0.1; done'`,
        ]
        for (const line of lines) {
          const { stdout, stderr, status } = await runIn(folder, line)
          const text = `${line} [${status}]\n${stdout}${stderr}`
            .replaceAll(program, 'ovsdb-client')
            .replaceAll(folder, 'DIR')
          said.push(
            text
              .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
              .replace(/^\d{4}-\d\d-\d\dT[\d:]+Z\|\d+\|/gm, 'TIME|')
              .replace(/pid \d+/g, 'pid N'),
          )
        }
        return said
      } finally {
        stopServer(folder)
        rmSync(folder, { recursive: true, force: true })
      }
    }
    const [ours, theirs] = await Promise.all([play(weft.tool('ovsdb-client')), play('ovsdb-client')])
    expect(ours.map(sortedRows)).toEqual(theirs.map(sortedRows))
  },
  120_000,
)

/** Rows come in the order of their UUIDs. */
const sortedRows = (text: string): string => text.split('\n').sort().join('\n')
