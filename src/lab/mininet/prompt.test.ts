import { expect, test } from 'vitest'
import { Mininet, type MininetOptions, OVSBridge, OVSSwitch, Prompt, SingleSwitchTopo } from './index.ts'

/** Types lines at a prompt; what was printed for each, stdout and stderr together. */
const typed = async (lines: readonly string[], options: MininetOptions = {}, files: Record<string, string> = {}) => {
  let text = ''
  const print = (more: string): void => {
    text += more
  }
  const net = new Mininet({ topo: new SingleSwitchTopo(2), switch: OVSBridge, controller: null, print, ...options })
  await net.start()
  const around = {
    print,
    readFile: (path: string) => files[path],
    inspect: String,
    erase: (code: string) => code,
    interactive: false,
  }
  const prompt = new Prompt(net, around)
  const said: string[] = []
  for (const line of lines) {
    text = ''
    const over = await prompt.run(line)
    said.push(over ? `${text}<end>` : text)
  }
  await net.stop()
  return said
}

test('lists what there is', async () => {
  expect(await typed(['nodes', 'net', 'links', 'intfs', 'ports'])).toEqual([
    'available nodes are: \nh1 h2 s1\n',
    'h1 h1-eth0:s1-eth1\nh2 h2-eth0:s1-eth2\ns1 lo:  s1-eth1:h1-eth0 s1-eth2:h2-eth0\n',
    'h1-eth0<->s1-eth1 (OK OK) \nh2-eth0<->s1-eth2 (OK OK) \n',
    'h1: h1-eth0\nh2: h2-eth0\ns1: lo,s1-eth1,s1-eth2\n',
    's1 lo:0 s1-eth1:1 s1-eth2:2 \n',
  ])
})

test('runs commands on nodes, with names as addresses', async () => {
  expect(
    await typed([
      'h1 echo h2 h1-eth0 s1 h2,',
      'h1 cd /tmp',
      'h1 pwd',
      'h1 cat',
      'h1 sleep 100 &',
      'h1 kill %1',
      'h1 echo x',
    ]),
  ).toEqual(['10.0.0.2 h1-eth0 127.0.0.1 h2,\r\n', '', '/tmp\r\n', '', '', '', 'x\r\n'])
})

test('gives a prompt on a node to those who can type, and its lines go there', async () => {
  let text = ''
  const print = (more: string): void => {
    text += more
  }
  const net = new Mininet({ topo: new SingleSwitchTopo(2), switch: OVSBridge, controller: null, print })
  await net.start()
  const around = { print, readFile: () => undefined, inspect: String, erase: (code: string) => code, interactive: true }
  const prompt = new Prompt(net, around)
  const running = prompt.run('h1 bash')
  for (const line of ['ip addr show dev h1-eth0 | grep -c 10.0.0.1', 'exit 3']) prompt.foreground?.write(`${line}\n`)
  await running
  await prompt.run('h1 echo $?')
  expect(text).toMatch(/^root@mininet-vm:~# 1\r\nroot@mininet-vm:~# (exit\r\n)?3\r\n$/)
  await net.stop()
})

test('says what is wrong as Mininet does', async () => {
  const lines = [
    ['bogus 1', '*** Unknown command: bogus 1\n'],
    ['h1', '*** Please enter a command for node: h1 <cmd>\n'],
    ['link h1 h2 up', 'src and dst not connected: h1 h2\n'],
    ['link h1', 'invalid number of args: link end1 end2 [up down]\n'],
    ['link h9 s1 up', 'src not in network: h9\n'],
    ['link h1 s1 sideways', 'invalid type: link end1 end2 [up down]\n'],
    ['iperf h1', 'invalid number of args: iperf src dst\n'],
    ['iperf h1 h9', "node 'h9' not in network\n"],
    ['iperfudp 10M', 'invalid number of args: iperfudp bw src dst\nbw examples: 10M\n'],
    ['switch', 'invalid number of args: switch <switch name>{start, stop}\n'],
    ['switch s1 bogus', 'invalid command: switch <switch name> {start, stop}\n'],
    ['dpctl', 'usage: dpctl command [arg1] [arg2] ...\n'],
    ['xterm', 'usage: xterm node1 node2 ...\n'],
    ['xterm h9', "node 'h9' not in network\n"],
    ['source /nofile', 'error reading file /nofile\n'],
    ['help bogus', '*** No help on bogus\n'],
    ['# nothing', ''],
    ['', ''],
  ]
  expect(await typed(lines.map(([line]) => line as string))).toEqual(lines.map(([, said]) => said))
})

test('evaluates JavaScript on the live network', async () => {
  expect(
    await typed([
      "py h1.cmd('echo x')",
      'px n = net.hosts.length',
      'py n + 1',
      'py bogus',
      'py 0',
      'py h1',
      'py [1].map(x => x)',
    ]),
  ).toEqual([
    'x\n\n',
    '',
    '3\n',
    "name 'bogus' is not defined\n",
    '',
    expect.stringMatching(/^<Host h1: .*> \n$/),
    '1\n',
  ])
})

test('a switch that is stopped does not forward, and does again', async () => {
  expect(await typed(['switch s1 stop', 'pingall 1', 'switch s1 start', 'h1 sleep 3', 'pingall'])).toEqual([
    '',
    '*** Ping: testing ping reachability\nh1 -> X \nh2 -> X \n*** Results: 100% dropped (0/2 received)\n',
    '',
    '',
    '*** Ping: testing ping reachability\nh1 -> h2 \nh2 -> h1 \n*** Results: 0% dropped (2/2 received)\n',
  ])
})

test('a script goes on after a command on a node, and ends the prompt', async () => {
  const files = { '/script': 'h1 echo one # two\n\nnodes\nexit\nnodes\n' }
  expect(await typed(['source /script'], {}, files)).toEqual(['one\r\navailable nodes are: \nh1 h2 s1\n<end>'])
  expect(await typed(['EOF', 'quit'])).toEqual(['\n<end>', '<end>'])
})

test('times are of the simulation', async () => {
  expect(await typed(['time h1 sleep 3'])).toEqual(['*** Elapsed time: 3.000000 secs\n'])
})

test('asks every switch, and the machine', async () => {
  const [show, bridges] = await typed(['dpctl dump-flows', 'sh ovs-vsctl list-br'], { switch: OVSSwitch })
  expect(show).toBe(`*** s1 ${'-'.repeat(72)}\n`)
  expect(bridges).toBe('s1\n')
})

test('completes commands, nodes and programs', async () => {
  const net = new Mininet({ topo: new SingleSwitchTopo(2), switch: OVSBridge, controller: null, print: () => {} })
  await net.start()
  const around = {
    print: () => {},
    readFile: () => undefined,
    inspect: String,
    erase: (code: string) => code,
    interactive: false,
  }
  const prompt = new Prompt(net, around)
  expect(prompt.complete('pingp')).toEqual(['pingpair', 'pingpairfull'])
  expect(prompt.complete('h')).toEqual(['h1', 'h2', 'help'])
  expect(prompt.complete('h1 ifc')).toEqual(['ifconfig'])
  expect(prompt.complete('h1 ping h')).toEqual(['h1', 'h2'])
  await net.stop()
})

test('Ctrl-C ends what is waited for, and a command on a node', async () => {
  let text = ''
  const net = new Mininet({
    topo: new SingleSwitchTopo(2),
    switch: OVSBridge,
    controller: null,
    print: more => (text += more),
  })
  await net.start()
  const around = {
    print: () => {},
    readFile: () => undefined,
    inspect: String,
    erase: (code: string) => code,
    interactive: false,
  }
  const prompt = new Prompt(net, around)
  const waiting = prompt.run('h1 sleep 1000000')
  await Promise.resolve()
  prompt.interrupt()
  expect(await waiting).toBe(false)
  expect(net.box.clock.now()).toBeLessThan(1e15)
  await net.configLinkStatus('h1', 's1', 'down')
  const pinging = prompt.run('pingall 1000')
  prompt.interrupt()
  await pinging
  expect(text).toContain('\nInterrupt\n')
  await net.stop()
})

test('a command that does not hear Ctrl-C is left alone at the second; one that comes too early is not lost', async () => {
  let text = ''
  const print = (more: string): void => {
    text += more
  }
  const net = new Mininet({ topo: new SingleSwitchTopo(2), switch: OVSBridge, controller: null, print })
  await net.start()
  const around = {
    print,
    readFile: () => undefined,
    inspect: String,
    erase: (code: string) => code,
    interactive: false,
  }
  const prompt = new Prompt(net, around)
  net.get('h1').sendInt = () => {}
  const waiting = prompt.run('h1 while true; do sleep 1; done')
  await new Promise(resolve => setImmediate(resolve))
  prompt.interrupt()
  prompt.interrupt()
  expect(await waiting).toBe(false)
  expect(text).toBe('\nInterrupt\n')
  text = ''
  prompt.interrupt()
  for (let i = 0; i < 2; i++) await prompt.run('h2 echo x')
  expect(text).toBe('\nInterrupt\nx\r\n')
  await net.stop()
})
