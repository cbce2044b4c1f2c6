import { describe, expect, test } from 'vitest'
import { readCapture } from '../wire/capture.ts'
import { twoHypervisors } from './labs/two-hypervisors.ts'
import { Network } from './network.ts'
import { type Foreground, LabSession } from './session.ts'

type File = { bytes: Buffer; closed: boolean }

/** The lab's prompt with a screen of text and files in memory. */
const prompt = (columns: number | 'none' = 80) => {
  const net = new Network()
  twoHypervisors.build(net)
  net.settle()
  let screen = ''
  const files = new Map<string, File>()
  const session = new LabSession(net, twoHypervisors, {
    print: text => {
      screen += text
    },
    columns: columns === 'none' ? undefined : columns,
    create: path => {
      if (path.includes('/')) return { ok: false, why: 'No such file or directory' }
      const file: File = { bytes: Buffer.alloc(0), closed: false }
      files.set(path, file)
      return {
        ok: true,
        write: bytes => {
          file.bytes = Buffer.concat([file.bytes, bytes])
        },
        close: () => {
          file.closed = true
        },
      }
    },
  })
  const look = (): string => {
    const seen = screen
    screen = ''
    return seen
  }
  /** Lets time pass until a command has ended or wants a line. */
  const go = (command: Foreground): string => {
    net.clock.runWhile(() => command.status === undefined && command.waiting === 'time')
    return look()
  }
  /** Runs a line to its end. */
  const run = (line: string): { text: string; status: number | undefined } => {
    const command = session.run(line)
    return { text: go(command), status: command.status }
  }
  const pass = (seconds: number): void => net.clock.runUntil(net.clock.now() + seconds * 1e9)
  return { net, session, files, look, go, run, pass }
}

describe('the words of the prompt', () => {
  test('help has a line for each', () => {
    const { run } = prompt()
    const { text, status } = run('help')
    expect(status).toBe(0)
    for (const word of [
      'help',
      'nodes',
      'net',
      'pingall',
      'check',
      'task',
      'NODE COMMAND...',
      'NODE',
      'capture FILE',
      'exit',
    ])
      expect(text).toMatch(new RegExp(`^${word.replaceAll('.', '\\.')} +\\S`, 'm'))
    expect(run('?')).toEqual({ text, status: 0 })
  })

  test('nodes: machines with their addresses, but for the loopback', () => {
    const { text } = prompt().run('nodes')
    const rows = text.trimEnd().split('\n')
    expect(rows.map(row => row.split(/ +/)[0])).toEqual(['r1', 'hv1', 'web1', 'web2', 'hv2', 'db1', 'db2'])
    expect(rows[0]).toMatch(/^r1 {4}eth0 192\.168\.1\.1\/24 [0-9a-f:]{17} {2}eth1 192\.168\.2\.1\/24 [0-9a-f:]{17}$/)
    expect(rows[2]).toBe('web1  eth0 10.0.0.1/24 00:00:00:00:00:01')
    expect(text).not.toContain('127.0.0.1')
  })

  test('net: a line for each cable', () => {
    const { text } = prompt().run('net')
    expect(text.split('\n')[0]).toBe('hv1:eth0  <-> r1:eth0 (10 Gbit/s, 50 us)')
    expect(text.trimEnd().split('\n')).toHaveLength(6)
  })

  test('link: pulls a cable out, and plugs it in', () => {
    const { run } = prompt()
    expect(run('link hv1 r1 down')).toEqual({ text: '', status: 0 })
    expect(run('net').text).toMatch(/^hv1:eth0.*unplugged$/m)
    expect(run('link hv1 r1 up')).toEqual({ text: '', status: 0 })
    expect(run('net').text).not.toContain('unplugged')
    expect(run('link hv1')).toEqual({ text: '*** link A B up|down\n', status: 1 })
  })
  test('pingall: what everybody reaches, status 1 when somebody does not', () => {
    const { net, run } = prompt()
    const { text, status } = run('pingall')
    expect(status).toBe(0)
    expect(text).toContain('*** Results: 0% dropped (6/6 received)\n')
    net.cables[0]!.plugged = false
    expect(run('pingall').status).toBe(1)
  })

  test('nothing, spaces and exit', () => {
    const { session, run } = prompt()
    expect([run(''), run('   ')]).toEqual(Array(2).fill({ text: '', status: 0 }))
    expect(session.over).toBe(false)
    expect(run(' exit ')).toEqual({ text: '', status: 0 })
    expect(session.over).toBe(true)
  })

  test('what it does not know', () => {
    const { run } = prompt()
    expect(run('bogus  word')).toEqual({ text: '*** Unknown command: bogus word\n', status: 1 })
    expect(run('web9 ping 10.0.0.2').text).toBe('*** Unknown command: web9 ping 10.0.0.2\n')
    expect(run('constructor').text).toBe('*** Unknown command: constructor\n')
    expect(run('capture a b')).toEqual({ text: '*** capture FILE\n', status: 1 })
    expect(run('capture')).toEqual({ text: '*** no capture runs; capture FILE starts one\n', status: 1 })
    expect(run('capture no/x')).toEqual({ text: '*** no/x: No such file or directory\n', status: 1 })
  })
})

describe('a command on a machine', () => {
  test('prints what it prints, and ends with its status', () => {
    const { run } = prompt()
    const { text, status } = run('web1 ping -c 3 10.0.0.2')
    expect(status).toBe(0)
    expect(text.match(/^64 bytes from 10\.0\.0\.2: icmp_seq=/gm)).toHaveLength(3)
    expect(run('hv1 bogus')).toEqual({ text: 'bash: bogus: command not found\n', status: 127 })
    expect(run('hv1 echo a | cat; exit 3')).toEqual({ text: 'a\n', status: 3 })
    expect(run("  hv1   echo 'a  b'").text).toBe('a  b\n')
  })

  test('Ctrl-C ends it, not the lab, and ping still says what it counted', () => {
    const { session, look, go, run, pass } = prompt()
    const command = session.run('web1 ping 10.0.0.2')
    pass(4.5)
    expect(look().match(/^64 bytes/gm)).toHaveLength(5)
    command.interrupt()
    expect(go(command)).toMatch(
      /^\n--- 10\.0\.0\.2 ping statistics ---\n5 packets transmitted, 5 received, 0% packet loss/,
    )
    expect(command.status).toBe(0)
    expect(run('web1 echo here').text).toBe('here\n')
  })

  test('Ctrl-C ends a pingall between two pings', () => {
    const { session, look, run } = prompt()
    const command = session.run('pingall')
    command.interrupt()
    expect(command.status).toBe(130)
    command.interrupt()
    look()
    expect(run('net').status).toBe(0)
  })

  test('reads lines that are typed, until Ctrl-D', () => {
    const { session, go } = prompt()
    const command = session.run('hv1 cat')
    expect([go(command), command.waiting]).toEqual(['', 'line'])
    command.type('one\ntwo\n')
    expect(go(command)).toBe('one\ntwo\n')
    command.type(undefined)
    go(command)
    expect(command.status).toBe(0)
  })

  test('leaves what it did not read, and Ctrl-C throws it away', () => {
    const { session, go } = prompt()
    const command = session.run('hv1 sleep 1')
    command.type('net\nnodes\n')
    go(command)
    expect(command.unread()).toBe('net\nnodes\n')
    const other = session.run('hv1 sleep 1')
    other.type('net\n')
    other.interrupt()
    go(other)
    expect([other.status, other.unread()]).toEqual([130, ''])
  })

  test('without a keyboard it is at the end of its input', () => {
    const { session, go } = prompt('none')
    for (const line of ['hv1 cat', 'hv1', 'hv1 cat; cat']) {
      const command = session.run(line)
      command.hangUp()
      expect([go(command), command.status]).toEqual(['', 0])
    }
  })
})

describe('a prompt on a machine', () => {
  test('prompts as root, remembers where it is, and exit comes back', () => {
    const { session, go, net } = prompt()
    const shell = session.run('hv1')
    expect([go(shell), shell.waiting, session.unfinished]).toEqual(['root@hv1:~# ', 'line', 'root@hv1:~# '])
    shell.type('cd /tmp; x=5\n')
    expect(go(shell)).toBe('root@hv1:/tmp# ')
    shell.type('echo $x; false\n')
    expect(go(shell)).toBe('5\nroot@hv1:/tmp# ')
    const before = net.clock.now()
    expect(go(shell)).toBe('')
    expect(net.clock.now()).toBe(before)
    shell.type('exit\n')
    go(shell)
    expect([shell.status, session.over]).toEqual([1, false])
  })

  test('Ctrl-C ends what runs in it, or the line, but not the shell; Ctrl-D does', () => {
    const { session, go, pass, look } = prompt()
    const shell = session.run('web1')
    go(shell)
    shell.type('ping 10.0.0.2\n')
    pass(2.5)
    look()
    shell.interrupt()
    expect(go(shell)).toMatch(/3 packets transmitted, 3 received[\s\S]*\nroot@web1:~# $/)
    shell.interrupt()
    expect(go(shell)).toBe('\nroot@web1:~# ')
    shell.type(undefined)
    expect(go(shell)).toBe('exit\n')
    expect(shell.status).toBe(130)
  })

  test('a job in the background wants time as well', () => {
    const { session, go, pass, look } = prompt()
    const shell = session.run('web1')
    go(shell)
    shell.type('ping -c 3 10.0.0.2 > /dev/null &\n')
    go(shell)
    expect(shell.waiting).toBe('both')
    pass(3)
    expect(shell.waiting).toBe('line')
    shell.type('\n')
    go(shell)
    look()
    shell.type('exit\n')
    go(shell)
    expect(shell.status).toBeDefined()
  })

  test('knows the width of the terminal', () => {
    const { run } = prompt(132)
    expect(run('hv1 echo $COLUMNS').text.trim()).toMatch(/^(132)?$/)
    expect(run('hv1 test -t 1 && echo yes').text).toBe('yes\n')
    expect(prompt('none').run('hv1 test -t 1 || echo no').text).toBe('no\n')
  })
})

const isIpv4 = ({ bytes }: { bytes: Uint8Array }): boolean => bytes[12] === 0x08 && bytes[13] === 0x00

describe('capture', () => {
  test('writes a pcapng of every cable, with names and dates', () => {
    const { files, run } = prompt()
    run('pingall')
    expect(run('capture x.pcapng').text).toBe('*** recording 6 cables into x.pcapng\n')
    run('web1 ping -c 2 10.0.0.2')
    const { text, status } = run('capture')
    expect(status).toBe(0)
    const file = files.get('x.pcapng')!
    const { packets, bad } = readCapture(new Uint8Array(file.bytes))
    expect([bad, file.closed]).toEqual([undefined, true])
    expect(text).toBe(`*** ${packets.length} frames in x.pcapng\n`)
    // A ping crosses four cables there and four back.
    expect(packets.slice(0, 4).map(packet => packet.interface.name)).toEqual([
      'web1:eth0',
      'hv1:eth0',
      'r1:eth1',
      'hv2:vport1',
    ])
    // Besides there may be an IPv6 host looking for routers.
    expect(packets.filter(isIpv4)).toHaveLength(16)
    expect(new Date(Number(packets[0]!.time / 1_000_000n)).getUTCFullYear()).toBe(2026)
    run('pingall')
    expect(readCapture(new Uint8Array(file.bytes)).packets).toHaveLength(packets.length)
  })

  test('another file ends the first; so does the end of the session', () => {
    const { files, session, run, look } = prompt()
    run('pingall')
    run('capture a.pcapng')
    expect(run('capture b.pcapng').text).toBe('*** 0 frames in a.pcapng\n*** recording 6 cables into b.pcapng\n')
    expect([...files.values()].map(({ closed }) => closed)).toEqual([true, false])
    // A file that cannot be made leaves the other running.
    run('capture no/x')
    run('web1 ping -c 1 10.0.0.2')
    session.close()
    expect(look()).toContain('*** 8 frames in b.pcapng\n')
    expect(files.get('b.pcapng')!.closed).toBe(true)
    session.close()
    expect(look()).toBe('')
  })
})

test('completion: machines and words, then the machine’s programs', () => {
  const { session } = prompt()
  expect(session.complete('')).toEqual([
    'capture',
    'check',
    'db1',
    'db2',
    'exit',
    'help',
    'hv1',
    'hv2',
    'link',
    'net',
    'nodes',
    'pingall',
    'r1',
    'task',
    'web1',
    'web2',
  ])
  expect(session.complete('we')).toEqual(['web1', 'web2'])
  expect(session.complete('n')).toEqual(['net', 'nodes'])
  expect(session.complete('hv1 ovs-')).toEqual(expect.arrayContaining(['ovs-appctl', 'ovs-ofctl', 'ovs-vsctl']))
  expect(session.complete('hv1 pin')).toContain('ping')
  expect(session.complete('nodes p')).toEqual([])
  expect(session.complete('web1 ping 10')).toEqual([])
})
