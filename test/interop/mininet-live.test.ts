/** `weft mn` with a person at a real terminal, made by script(1), and with a controller that is not in the lab. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort, hasOsKen, startOsKen } from './controllers/controller.testing.ts'
import { run } from './mininet.testing.ts'
import { ctrlC, ctrlD, personAt, tab, up } from './terminal.testing.ts'
import { buildWeft, type WeftCli } from './weft-cli.testing.ts'

let weft: WeftCli
const home = mkdtempSync(join(tmpdir(), 'weft-mn-live-'))
beforeAll(async () => {
  weft = await buildWeft()
})
afterAll(() => {
  weft.close()
  rmSync(home, { recursive: true })
})

/** Somebody who types at `weft mn`. */
const person = (words = '') => personAt(`${weft.tool('mn')} ${words}`, home)

describe('the prompt on a terminal', () => {
  test('runs, completes, remembers, is interrupted, and ends', async () => {
    const { type, ended } = person()
    await type('', 'mininet> ')
    await type('pinga', 'pinga')
    await type(tab, 'll')
    await type('\r', '*** Results: 0% dropped (2/2 received)\n')
    await type('', 'mininet> ')
    await type('h1 ping h2\r', 'icmp_seq=12')
    const stopped = await type(ctrlC, 'mininet> ')
    expect(stopped).toMatch(/(\d+) packets transmitted, \1 received, 0% packet loss/)
    await type(`half a line${ctrlC}`, '^C\nmininet> ')
    await type(`${up}${up}\r`, '*** Results: 0% dropped (2/2 received)\n')
    await type('', 'mininet> ')
    await type('h1 bash\r', '# ')
    await type('hostname\r', 'mininet-vm\n')
    await type('exit\r', 'mininet> ')
    await type(ctrlD, '*** Done\n')
    expect(await ended).toBe(0)
    expect(readFileSync(join(home, '.mininet_history'), 'utf8').split('\n')).toContain('h1 ping h2')
  })

  test('Ctrl-C ends a test and a wait of its own, and the network goes on', async () => {
    const { type, ended } = person('--topo linear,3')
    await type('', 'mininet> ')
    await type('link s1 s2 down\r', 'mininet> ')
    await type('sh sleep 1000000000\r', '\n')
    await type(ctrlC, 'mininet> ')
    await type('link s1 s2 up\r', 'mininet> ')
    await type('pingall\r', '*** Results: 0% dropped (6/6 received)\n')
    await type('', 'mininet> ')
    await type('quit\r', '*** Done\n')
    expect(await ended).toBe(0)
  })

  test.each([0, 150, 300, 500, 800])('Ctrl-C %s ms after the beginning ends it, whatever it does then', async ms => {
    const [program = '', ...words] = weft.tool('mn').split(' ')
    const child = spawn(program, [...words, '--topo', 'tree,3,4', '--real-time', '--test', 'iperf'])
    const ended = new Promise<[number | null, NodeJS.Signals | null]>(resolve => {
      child.on('close', (status, signal) => resolve([status, signal]))
    })
    await new Promise(resolve => setTimeout(resolve, ms))
    child.kill('SIGINT')
    expect(await ended).toEqual(expect.toSatisfy(([status, signal]) => status === 130 || signal === 'SIGINT'))
  })
})

describe.runIf(hasOsKen())('a controller outside of the lab', () => {
  test('runs the network’s switches, over TCP and in real time', async () => {
    const port = await freePort()
    const controller = startOsKen(['learning_switch.py'], port, { env: { WEFT_VERSION: '4' } })
    try {
      const [program = '', ...words] = weft.tool('mn').split(' ')
      const remote = `remote,ip=127.0.0.1,port=${port}`
      const ask = (): Promise<Awaited<ReturnType<typeof run>>> =>
        run(program, [...words, '--topo', 'linear,3', '--controller', remote, '--test', 'pingall'])
      // It takes its time to listen.
      const isThere = async (): Promise<boolean> => {
        const socket = connect(port, '127.0.0.1')
        const there = await once(socket, 'connect').then(
          () => true,
          () => false,
        )
        socket.destroy()
        return there
      }
      while (!(await isThere())) await new Promise(resolve => setTimeout(resolve, 50))
      const said = await ask()
      // Which of them comes through first is chance.
      const [, connected = ''] = /\*\*\* Waiting for switches to connect\n(.*) \n/.exec(said.stderr) ?? []
      expect(connected.split(' ').sort()).toEqual(['s1', 's2', 's3'])
      expect(said.stderr).toContain('*** Results: 0% dropped (6/6 received)\n')
      expect(said.status).toBe(0)
    } finally {
      await controller.stop()
    }
  })

  test('that nobody is, is said plainly, and the end comes', async () => {
    const [program = '', ...words] = weft.tool('mn').split(' ')
    const remote = `remote,ip=127.0.0.1,port=${await freePort()}`
    const said = await run(program, [...words, '--controller', remote, '--wait', '--twait', '1', '--test', 'none'])
    expect(said.stderr).toContain('Unable to contact the remote controller at 127.0.0.1:')
    expect(said.stderr).toContain('Connection refused')
    expect(said.stderr).toContain('*** Done\n')
  })
})
