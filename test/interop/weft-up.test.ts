/** `weft up` and `weft down`, with Open vSwitch's tools in between. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasOpenVswitch } from './real-switch.ts'
import { buildWeft, runIn, type WeftCli } from './weft-cli.testing.ts'

describe.skipIf(!hasOpenVswitch())('a database and a switch in the background', () => {
  let directory: string
  let weft: WeftCli
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'weft-up-'))
    weft = await buildWeft()
  })
  afterAll(async () => {
    await runIn(directory, weft.tool('down'))
    weft.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const run = async (line: string): Promise<string> => {
    const { stdout, stderr, status } = await runIn(directory, line)
    const text = `${stdout}${stderr}`.replaceAll(directory, 'DIR').replace(/pid \d+/g, 'pid N')
    return `${text.replace(/^.*\|vlog\|.*\n/gm, '')}[${status}]`
  }
  const both = 'database: DIR/conf.db, at unix:DIR/db.sock (pid N)\nswitch: DIR (pid N)\n[0]'

  test('come and go, as often as one likes', async () => {
    const [up, down] = [weft.tool('up'), weft.tool('down')]
    expect(await run(`${up} nonsense`)).toBe("weft up: 'nonsense' is no option\n[1]")
    expect(await run(`env OVS_DBDIR=/proc/weft ${up}`)).toBe('weft up: /proc/weft: No such file or directory\n[1]')
    expect(await run(`${up} --enable-dummy=override`)).toBe(both)
    expect(await run(up)).toBe(both)
    expect(await run('ovs-vsctl -t 30 add-br br0 -- add-port br0 p1 -- set interface p1 type=dummy')).toBe('[0]')
    expect(await run('ovs-vsctl -t 30 get interface p1 ofport')).toBe('1\n[0]')
    expect(await run(down)).toBe('switch: stopped\ndatabase: stopped\n[0]')
    expect(await run(down)).toBe('switch: does not run\ndatabase: does not run\n[0]')
    expect(['ovs-vswitchd.pid', 'db.sock', 'br0.mgmt'].filter(name => existsSync(join(directory, name)))).toEqual([])
    // The database is as it was.
    expect(await run(`${up} --enable-dummy=override`)).toBe(both)
    expect(await run('ovs-appctl ofproto/list')).toBe('br0\n[0]')
    expect(await run(`${up} --enable-dummy=nonsense`)).toBe(both)
    expect(await run(down)).toBe('switch: stopped\ndatabase: stopped\n[0]')
    expect(await run(`${up} --enable-dummy=nonsense`)).toContain('ovs-vswitchd: nonsense: unknown dummy level\n')
  })
})
