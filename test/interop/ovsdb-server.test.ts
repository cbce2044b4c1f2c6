/** `weft ovsdb-server` beside ovsdb-server: Open vSwitch's own tools and its switch see no difference. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hasOvs } from './ovs.testing.ts'
import { serverScripts } from './ovsdb/server-scripts.ts'
import { buildWeft, runIn, type WeftCli } from './weft-cli.testing.ts'

let weft: WeftCli
let ours: string
let ourTool: string
beforeAll(async () => {
  weft = await buildWeft()
  ours = weft.tool('ovsdb-server')
  ourTool = weft.tool('ovsdb-tool')
})
afterAll(() => weft.close())

const inFolder = async <T>(use: (folder: string) => Promise<T>): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), 'weft-db-'))
  try {
    return await use(folder)
  } finally {
    stop(join(folder, 'ovs-vswitchd.pid'))
    stop(join(folder, 'ovsdb-server.pid'))
    rmSync(folder, { recursive: true, force: true })
  }
}

const stop = (pidFile: string): void => {
  if (!existsSync(pidFile)) return
  try {
    process.kill(Number(readFileSync(pidFile, 'utf8')))
  } catch {
    // It has ended by itself.
  }
}

/** What differs from run to run: times, numbers of processes, names of rows, places. */
const settled = (text: string, folder: string): string =>
  text
    .replaceAll(ours, 'ovsdb-server')
    .replaceAll(ourTool, 'ovsdb-tool')
    .replaceAll(folder, 'DIR')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID')
    .replace(/\b[0-9a-f]{8}\b/g, 'ID')
    .replace(/\d{4}-\d\d-\d\d[T ][\d:.]+Z?/g, 'TIME')
    .replace(/\.\d+\.ctl/g, '.N.ctl')

/** Tools list rows in the order of their UUIDs, and a hash has columns in any. */
const sorted = (text: string): string => text.split('\n').sort().join('\n')

const play = (script: readonly string[], server: string, tool: string): Promise<string[]> =>
  inFolder(async folder => {
    const told: string[] = []
    for (const line of script) {
      const command = line.replaceAll('SERVER', server).replaceAll('TOOL', tool).replaceAll('DIR', folder)
      const { stdout, stderr, status } = await runIn(folder, command)
      told.push(`${line} [${status}]\n${sorted(settled(`${stdout}${stderr}`, folder))}`)
    }
    return told
  })

for (const [name, script] of Object.entries(serverScripts)) {
  test.runIf(hasOvs())(name, async () => {
    const [our, their] = await Promise.all([play(script, ours, ourTool), play(script, 'ovsdb-server', 'ovsdb-tool')])
    expect(our).toEqual(their)
  })
}

const conf = '/usr/share/openvswitch/vswitch.ovsschema'
const start = 'punix:DIR/db.sock --pidfile --detach --no-chdir -vconsole:off'

const run = async (folder: string, ...lines: string[]): Promise<string> => {
  let last = ''
  for (const line of lines) {
    const { stdout, stderr, status } = await runIn(folder, line.replaceAll('DIR', folder))
    expect([line, status, stderr]).toEqual([line, 0, ''])
    last = stdout
  }
  return last
}

test.runIf(hasOvs())('the real switch is configured by it', () =>
  inFolder(async folder => {
    await run(folder, `ovsdb-tool create conf.db ${conf}`, `${ours} --remote=${start}`)
    const options = '--enable-dummy --disable-system --disable-system-route --detach --no-chdir --pidfile -vconsole:off'
    const vsctl = 'ovs-vsctl -t30 --db=unix:DIR/db.sock'
    await run(
      folder,
      `${vsctl} --no-wait init`,
      `ovs-vswitchd unix:DIR/db.sock ${options}`,
      `${vsctl} add-br br0 -- set bridge br0 datapath_type=dummy -- add-port br0 p1 -- set interface p1 type=dummy`,
      'ovs-ofctl add-flow br0 in_port=p1,actions=drop',
    )
    expect(await run(folder, 'ovs-ofctl --no-stats --names dump-flows br0')).toContain('in_port=p1 actions=drop')
    expect(await run(folder, `${vsctl} get interface p1 ofport link_state`)).toBe('1\nup\n')
    expect(await run(folder, `${vsctl} get open_vswitch . cur_cfg`)).toBe('1\n')
    await run(folder, `${vsctl} del-br br0`)
    expect(await run(folder, `${vsctl} --columns=name list interface`)).toBe('')
  }),
)

/** `follower` follows the other: it has what the other has, hears of changes, and may itself be changed only after that. */
const follow = (first: string, follower: string): Promise<void> =>
  inFolder(folder =>
    inFolder(async other => {
      const vsctl = `ovs-vsctl -t30 --no-wait --db=unix:${folder}/db.sock`
      const there = `ovs-vsctl -t30 --no-wait --db=unix:${other}/db.sock`
      await run(folder, `ovsdb-tool create conf.db ${conf}`, `${first} --remote=${start}`)
      await run(folder, `${vsctl} init`, `${vsctl} add-br br0 -- add-port br0 p1`)
      await run(
        other,
        `ovsdb-tool create conf.db ${conf}`,
        `${follower} --sync-from=unix:${folder}/db.sock --remote=${start}`,
      )
      const until = async (line: string, wanted: string): Promise<void> => {
        await expect.poll(async () => (await runIn(other, line)).stdout, { timeout: 60_000 }).toBe(wanted)
      }
      await until(`${there} list-br`, 'br0\n')
      await run(folder, `${vsctl} add-br br1`, `${vsctl} del-port p1`, `${vsctl} set bridge br0 fail_mode=secure`)
      await until(`${there} list-br`, 'br0\nbr1\n')
      await until(`${there} list-ports br0`, '')
      await until(`${there} get-fail-mode br0`, 'secure\n')
      const control = 'ovs-appctl -t ovsdb-server ovsdb-server'
      expect(await run(other, `${control}/sync-status`)).toBe(
        `state: backup\nreplicating: unix:${folder}/db.sock\ndatabase: Open_vSwitch\n`,
      )
      expect((await runIn(other, `${there} add-br br2`)).stderr).toContain('not allowed')
      await run(other, `${control}/disconnect-active-ovsdb-server`, `${there} add-br br2`)
      await until(`${there} list-br`, 'br0\nbr1\nbr2\n')
    }),
  )

test.runIf(hasOvs())('it follows the real one', () => follow('ovsdb-server', ours))
test.runIf(hasOvs())('the real one follows it', () => follow(ours, 'ovsdb-server'))
