import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findLab, type Lab, LabSession, Network } from '../lab/index.ts'
import { readCapture } from '../wire/capture.ts'
import { VirtualDrive } from './drive.ts'
import { create, runPrompt } from './prompt.ts'

const lab = findLab('two-hypervisors') as Lab
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weft-prompt-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** What a terminal would show of a text: without the line editor's escapes. */
const shown = (text: string): string => text.replace(/\x1b\[[0-9;]*[A-Za-z]/g, '').replaceAll('\r', '')

/** Somebody at the lab's prompt. */
const person = (history = join(folder, 'history')) => {
  const network = new Network()
  lab.build(network)
  network.settle()
  const input = new PassThrough()
  const output = new PassThrough()
  let screen = ''
  let printed = 0
  output.on('data', bytes => {
    screen += bytes
  })
  const session = new LabSession(network, lab, {
    print: text => {
      printed += text.length
      output.write(text)
    },
    columns: 80,
    create: create(text => output.write(text)),
  })
  const drive = new VirtualDrive(network.clock, () => printed)
  let over = false
  const ended = runPrompt(session, drive, { input, output, history }).then(() => {
    over = true
  })
  const until = async (condition: () => boolean, what: string): Promise<void> => {
    for (let i = 0; i < 1000; i++) {
      if (condition()) return
      await new Promise(resolve => setTimeout(resolve, 2))
    }
    throw new Error(`${what} never came:\n${shown(screen)}`)
  }
  return {
    session,
    network,
    ended,
    isOver: () => over,
    /** Types keys, waits for a text, and gives what came to the screen up to its end. */
    async type(keys: string, wanted: string): Promise<string> {
      input.write(keys)
      await until(() => shown(screen).includes(wanted), JSON.stringify(wanted))
      const text = shown(screen)
      screen = text.slice(text.indexOf(wanted) + wanted.length)
      return text.slice(0, text.indexOf(wanted) + wanted.length)
    },
    hangUp: () => input.end(),
  }
}

const [ctrlC, ctrlD, up, tab] = ['\x03', '\x04', '\x1b[A', '\t']

describe('the prompt', () => {
  test('runs lines until exit, and remembers them', async () => {
    const { type, ended, session } = person()
    await type('', 'weft> ')
    expect(await type('web1 ping -c 1 10.0.0.2\r', 'weft> ')).toContain('1 packets transmitted, 1 received')
    await type('\r', 'weft> ')
    await type('exit\r', 'exit\n')
    await ended
    expect(session.over).toBe(true)
    expect(readFileSync(join(folder, 'history'), 'utf8')).toBe('web1 ping -c 1 10.0.0.2\nexit\n')
  })

  test('recalls what was typed, also before it was started', async () => {
    writeFileSync(join(folder, 'history'), 'older\nnet\n')
    const { type } = person()
    await type('', 'weft> ')
    expect(await type(`${up}\r`, 'hv1:eth0')).toContain('net\n')
    await type('', 'weft> ')
    expect(await type(`help${ctrlC}`, '^C\nweft> ')).toContain('help')
    await type(`${up}${up}`, 'older')
  })

  test('completes', async () => {
    const { type } = person()
    await type('', 'weft> ')
    await type(`nod${tab}`, 'nodes')
    await type(`\r`, 'weft> ')
    await type(`hv1 ovs-v${tab}--version\r`, 'ovs-vsctl --version')
  })

  test('Ctrl-C clears the line, and stops a command but not the lab', async () => {
    const { type, isOver } = person()
    await type('', 'weft> ')
    await type(`half a line${ctrlC}`, '^C\nweft> ')
    await type('nodes\r', 'db2   eth0')
    await type('', 'weft> ')
    await type('web1 ping 10.0.0.2\r', 'icmp_seq=3')
    const rest = await type(ctrlC, 'weft> ')
    expect(rest).toMatch(
      /\^C\n--- 10\.0\.0\.2 ping statistics ---\n(\d+) packets transmitted, \1 received, 0% packet loss/,
    )
    expect(isOver()).toBe(false)
  })

  test('Ctrl-D at the prompt ends it, on a line of its own', async () => {
    const { type, ended, session } = person()
    await type('', 'weft> ')
    await type(ctrlD, '\n')
    await ended
    expect(session.over).toBe(false)
  })

  test('begins on a line of its own', async () => {
    const { type } = person()
    await type('', 'weft> ')
    expect(await type('web1 printf abc\r', 'weft> ')).toContain('\nabc\nweft> ')
  })

  test('runs what was pasted, line by line', async () => {
    const { type, session, ended } = person()
    await type('', 'weft> ')
    const text = await type('web1 echo one\rhv1\rhostname\rexit\rweb1 echo two\rexit\r', 'exit\n')
    await ended
    expect(text + (await type('', ''))).toBeDefined()
    expect(session.over).toBe(true)
  })

  test('does without a history that cannot be kept', async () => {
    const { type, ended } = person(join(folder, 'missing', 'history'))
    await type('', 'weft> ')
    await type('exit\r', 'exit\n')
    await ended
  })
})

describe('a prompt on a machine', () => {
  test('edits lines beside the machine’s own prompt, with a history of its own', async () => {
    const { type } = person()
    await type('', 'weft> ')
    await type('hv1\r', 'root@hv1:~# ')
    await type('echo abX\x7fc\r', '\nabc\nroot@hv1:~# ')
    await type(`${up}`, 'echo abc')
    expect(await type(ctrlC, 'root@hv1:~# ')).toBe('^C\nroot@hv1:~# ')
    await type('cat\rhello\r', 'hello\nhello\n')
    await type(ctrlD, 'root@hv1:~# ')
    expect(await type(ctrlD, 'weft> ')).toContain('exit\nweft> ')
    // The lab's history knows how it was called, not what was typed there.
    await type(up, 'hv1')
    await type(`${ctrlC}hv1\r`, 'root@hv1:~# ')
    await type(`${up}${up}${up}`, 'echo abc')
    expect(readFileSync(join(folder, 'history'), 'utf8')).toBe('hv1\nhv1\n')
  })

  test('time stands still at it', async () => {
    const { type, network } = person()
    await type('', 'weft> ')
    await type('hv1\r', 'root@hv1:~# ')
    const before = network.clock.now()
    await new Promise(resolve => setTimeout(resolve, 30))
    expect(network.clock.now()).toBe(before)
    await type('sleep 3; echo x\r', '\nx\n')
    expect(network.clock.now()).toBe(before + 3e9)
  })
})

describe('when the terminal goes away', () => {
  test('at the prompt', async () => {
    const { type, hangUp, ended } = person()
    await type('', 'weft> ')
    hangUp()
    await ended
  })

  test('while a command runs, and at a machine’s prompt', async () => {
    for (const line of ['web1 ping 10.0.0.2', 'hv1']) {
      const { type, hangUp, ended } = person()
      await type('', 'weft> ')
      await type(`${line}\r`, '\n')
      hangUp()
      await ended
    }
  })

  test('a capture is whole', async () => {
    const { type, hangUp, ended } = person()
    const path = join(folder, 'x.pcapng')
    await type('', 'weft> ')
    await type(`capture ${path}\rweb1 ping -c 1 10.0.0.2\r`, '1 received')
    hangUp()
    await ended
    const { packets, bad } = readCapture(new Uint8Array(readFileSync(path)))
    expect(bad).toBeUndefined()
    expect(packets.length).toBeGreaterThanOrEqual(8)
  })
})

describe('files for captures', () => {
  test('a refusal is a sentence', () => {
    const open = create(() => {})
    expect(open(join(folder, 'no', 'x'))).toEqual({ ok: false, why: 'No such file or directory' })
    expect(open(folder)).toEqual({ ok: false, why: 'Is a directory' })
  })

  test('a disk that fills up is said once', () => {
    let said = ''
    const file = create(text => {
      said += text
    })('/dev/full')
    // Not every system has such a file.
    if (!file.ok) return
    file.write(Uint8Array.of(1))
    file.write(Uint8Array.of(2))
    file.close()
    expect(said).toBe('*** /dev/full: No space left on device\n')
  })
})
