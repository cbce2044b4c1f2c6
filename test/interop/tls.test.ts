/** OpenFlow over TLS with right, foreign, expired and changed keys: a real ovs-vswitchd and ours, asked by both ovs-ofctl. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort, startProcess } from './controllers/controller.testing.ts'
import { type Line, startLine } from './controllers/line.testing.ts'
import { runOurs } from './ofctl-run.testing.ts'
import { hasOpenVswitch, type RealSwitch, startRealSwitch } from './real-switch.ts'
import { later } from './waiting.testing.ts'
import { runIn } from './weft-cli.testing.ts'

/** Authorities `ca` and `foreign`, and keys that they signed; `old`'s time is over. */
const makeKeys = (directory: string): void => {
  const openssl = (words: string): void =>
    void execFileSync('openssl', words.split(' '), { cwd: directory, stdio: 'pipe' })
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
  for (const name of ['ca', 'foreign'])
    openssl(`req -x509 ${key} -days 9 -keyout ${name}.key -out ${name}.pem -subj /CN=${name}`)
  const sign = (name: string, authority: string, days: number): void => {
    openssl(`req ${key} -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`)
    openssl(
      `x509 -req -in ${name}.csr -CA ${authority}.pem -CAkey ${authority}.key -CAcreateserial -days ${days} -out ${name}.pem`,
    )
  }
  sign('switch', 'ca', 9)
  sign('second', 'foreign', 9)
  sign('client', 'ca', 9)
  sign('stranger', 'foreign', 9)
  sign('old', 'ca', -1)
}

/** What changes at the switch, and who asks then: keys and authority. */
const steps: readonly { change?: string; keys: string; authority: string }[] = [
  { keys: 'client', authority: 'ca' },
  { change: 'ovs-vsctl set-ssl DIR/switch.key DIR/switch.pem DIR/ca.pem', keys: 'client', authority: 'ca' },
  { keys: 'client', authority: 'foreign' },
  { keys: 'stranger', authority: 'ca' },
  { keys: 'old', authority: 'ca' },
  { keys: 'stranger', authority: 'foreign' },
  { change: 'ovs-vsctl set-ssl DIR/second.key DIR/second.pem DIR/foreign.pem', keys: 'client', authority: 'ca' },
  { keys: 'stranger', authority: 'foreign' },
  { keys: 'client', authority: 'foreign' },
  { change: 'ovs-vsctl set-ssl DIR/switch.key DIR/switch.pem DIR/ca.pem', keys: 'client', authority: 'ca' },
  { change: 'ovs-vsctl set-ssl DIR/old.key DIR/old.pem DIR/ca.pem', keys: 'client', authority: 'ca' },
]

describe.skipIf(!hasOpenVswitch())('TLS', () => {
  let directory: string
  let real: RealSwitch
  let line: Line
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'weft-tls-'))
    makeKeys(directory)
    real = startRealSwitch()
    real.run('ovs-vsctl add-br br0')
    line = startLine(1)
  })
  afterAll(() => {
    real?.close()
    line?.close()
    rmSync(directory, { recursive: true, force: true })
  })

  test('who is let in, as keys change while the switch runs', async () => {
    const [theirs, ours] = [await freePort(), await freePort()]
    const both = async (command: string, at: (port: number) => string = String): Promise<void> => {
      const words = command.replaceAll('DIR', directory)
      real.run(words.replace('PORT', at(theirs)))
      await line.run('s1', words.replace('PORT', at(ours)))
      await later(250)
    }
    await both('ovs-vsctl set-controller br0 pssl:PORT:127.0.0.1')
    const ask = async (port: number, keys: string, authority: string): Promise<unknown[]> => {
      const files = `-p ${directory}/${keys}.key -c ${directory}/${keys}.pem -C ${directory}/${authority}.pem`
      const words = `ovs-ofctl -t 30 ${files} -O OpenFlow13 dump-flows ssl:127.0.0.1:${port}`
      const answers = [await runIn(directory, words), await runOurs(words, directory)]
      return answers.map(({ stdout, status }) => ({ status, said: stdout !== '' }))
    }
    for (const { change, keys, authority } of steps) {
      if (change !== undefined) await both(change)
      const expected = await ask(theirs, keys, authority)
      expect({ change, keys, authority, told: await ask(ours, keys, authority) }).toEqual({
        change,
        keys,
        authority,
        told: expected,
      })
    }
  })

  test('a controller brings its authority', async () => {
    const port = await freePort()
    const keys = [
      '--private-key',
      'client.key',
      '--certificate',
      'client.pem',
      '--ca-cert',
      'ca.pem',
      '--peer-ca-cert',
      'ca.pem',
    ]
    const controller = startProcess(
      'ovs-testcontroller',
      [`pssl:${port}:127.0.0.1`, ...keys, `--unixctl=${directory}/c.ctl`],
      { cwd: directory },
    )
    try {
      for (const [name, run] of [
        ['theirs', async (words: string) => real.run(words)],
        ['ours', (words: string) => line.run('s1', words)],
      ] as const) {
        const learned = join(directory, `${name}.learned`)
        await run('ovs-vsctl del-controller br0')
        await run(`ovs-vsctl -- --bootstrap set-ssl ${directory}/switch.key ${directory}/switch.pem ${learned}`)
        await run(`ovs-vsctl set-controller br0 ssl:127.0.0.1:${port}`)
        let connected = ''
        for (let i = 0; i < 60 && !connected.includes('true'); i++) {
          await later(200)
          connected = (await run('ovs-vsctl get controller br0 is_connected')).stdout
        }
        expect({ name, connected }).toEqual({ name, connected: 'true\n' })
        expect(readFileSync(learned, 'utf8').trim()).toBe(readFileSync(join(directory, 'ca.pem'), 'utf8').trim())
      }
    } finally {
      await controller.stop()
    }
  })
})
