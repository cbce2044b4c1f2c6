import { sink } from '../../machine/index.ts'
import { type Task, utf8Decoder } from '../../runtime/index.ts'
import { onTerminal, type PromptCommand, type PromptView } from './around.ts'
import { splitArgs } from './classes.ts'
import { columns } from './columns.ts'
import { trafficText } from './link-traffic.ts'
import type { Mininet } from './mininet.ts'
import type { Node } from './node.ts'
import type { Switch } from './switch.ts'

/** What `help COMMAND` says. */
export const helps: Readonly<Record<string, string>> = {
  EOF: 'End the prompt.',
  dpctl: 'Run ovs-ofctl on every switch.\n           Usage: dpctl command [arg1] [arg2] ...',
  dump: 'Print what is known of each node.',
  exit: 'End the prompt.',
  gterm: 'Open terminals, which there are none of here: type NODE bash.\n           Usage: gterm node1 node2 ...',
  help: 'List the commands, or explain one.\n           Usage: help [command]',
  intfs: 'List the interfaces of each node.',
  iperf: 'Measure TCP between two hosts, the first and the last unless named.\n           Usage: iperf node1 node2',
  iperfudp: 'Measure UDP between two hosts.\n           Usage: iperfudp bw node1 node2',
  link: 'Bring link(s) between two nodes up or down, or change what they do.\n           Usage: link node1 node2 [up/down]\n                  link node1 node2 bw=10,delay=5ms,jitter=1ms,loss=1,max_queue_size=100',
  links: 'List the links, and whether their ends are up; with -s also what passed them.\n           Usage: links [-s]',
  net: 'List the nodes, and what their interfaces lead to.',
  nodes: 'List all nodes.',
  noecho: 'Run a command on a node without echo.\n           Usage: noecho node [cmd args]',
  pingall: 'Ping between all hosts.\n           Usage: pingall [timeout]',
  pingallfull: 'Ping between all hosts, with the times of each.',
  pingpair: 'Ping between the first two hosts.',
  pingpairfull: 'Ping between the first two hosts, with the times of each.',
  ports: 'List the interfaces of each switch with their port numbers.',
  px: "Run a statement of JavaScript or TypeScript; what it assigns stays.\n           Nodes have their names, e.g.: px for (const h of net.hosts) h.sendCmd('date')",
  py: "Print the value of an expression of JavaScript or TypeScript.\n           Nodes have their names, e.g.: py h1.cmd('ls')",
  quit: 'End the prompt.',
  sh: 'Run a command line on the machine that the network is on.\n           Usage: sh [cmd args]',
  source: 'Run commands from a file.\n           Usage: source <file>',
  switch: 'Start or stop a switch.\n           Usage: switch <switch name> {start, stop}',
  time: 'Run a command, and say how long it took.\n           Usage: time command',
  wait: 'Wait until all switches have found a controller.',
  x: 'Open an X11 tunnel, which there is none of here.\n           Usage: x node [cmd args]',
  xterm: 'Open terminals, which there are none of here: type NODE bash.\n           Usage: xterm node1 node2 ...',
}

const moreHelp = `You may also send a command to a node using:
  <node> command {args}
For example:
  mininet> h1 ifconfig

The interpreter automatically substitutes IP addresses
for node names when a node is the first arg, so commands
like
  mininet> h2 ping h3
should work.

Some character-oriented interactive commands require
noecho:
  mininet> noecho h2 vi foo.py
However, starting up an xterm/gterm is generally better:
  mininet> xterm h2

`

const wordsOf = (rest: string): string[] => rest.split(/\s+/).filter(word => word !== '')

/** The nodes of these names; undefined, after an error for each that is not there. */
const nodesOf = ({ net }: PromptView, names: readonly string[]): Node[] | undefined => {
  const missing = names.filter(name => !net.has(name))
  for (const name of missing) net.output.error(`node '${name}' not in network\n`)
  return missing.length > 0 ? undefined : names.map(name => net.get(name))
}

const help: PromptCommand = ({ net, around }, rest) => {
  const [topic] = wordsOf(rest)
  if (topic === undefined) {
    around.print(`\nDocumented commands (type help <topic>):\n${'='.repeat(40)}\n${columns(Object.keys(helps))}\n`)
    net.output.output(moreHelp)
  } else around.print(Object.hasOwn(helps, topic) ? `${helps[topic]}\n` : `*** No help on ${topic}\n`)
  return undefined
}

/** A line for each node: where its interfaces lead. */
export const nodeConnections = (nodes: readonly Node[]): string =>
  nodes
    .map(node => {
      const ends = node.intfList().map(intf => {
        const { intf1, intf2 } = intf.link ?? {}
        return ` ${intf}:${intf1 === undefined ? ' ' : intf1 === intf ? intf2 : intf1}`
      })
      return `${node.name}${ends.join('')}\n`
    })
    .join('')

/** Says of each node where its interfaces lead. */
export const dumpNodeConnections = (nodes: readonly Node[]): void => {
  for (const node of nodes) node.box.output.info(nodeConnections([node]))
}

const terminals =
  (name: string): PromptCommand =>
  (prompt, rest) => {
    const { output } = prompt.net
    const names = wordsOf(rest)
    if (names.length === 0) output.error(`usage: ${name} node1 node2 ...\n`)
    for (const each of names) {
      if (prompt.net.has(each))
        output.error(`*** ${name}: there are no terminals here; ${each} bash gives a prompt on ${each}\n`)
      else output.error(`node '${each}' not in network\n`)
    }
    return undefined
  }

const end: PromptCommand = () => true

/** Runs a line on the machine itself; stdout and stderr stay apart. */
function* shell({ net, around }: PromptView, line: string): Task<void> {
  const { machine } = net.box
  const [out, err] = [utf8Decoder(), utf8Decoder()]
  const process = machine.run(line, {
    stdout: sink(bytes => around.print(out(bytes))),
    stderr: sink(bytes => net.output.say('critical', err(bytes))),
  })
  try {
    yield* process.wait()
  } finally {
    if (!process.ended) machine.interrupt(process.pid)
  }
}

const dpctl: PromptCommand = async ({ net }, rest) => {
  const words = wordsOf(rest)
  if (words.length === 0) net.output.error('usage: dpctl command [arg1] [arg2] ...\n')
  else
    for (const each of net.switches) {
      net.output.output(`*** ${each.name} ${'-'.repeat(72)}\n`)
      net.output.output(onTerminal(await each.dpctl(...words)))
    }
  return undefined
}

const startOrStop: PromptCommand = async ({ net }, rest) => {
  const { output } = net
  const [name, what, ...more] = wordsOf(rest)
  if (name === undefined || what === undefined || more.length > 0) {
    output.error('invalid number of args: switch <switch name>{start, stop}\n')
    return undefined
  }
  const found: Switch | undefined = net.switches.find(each => each.name === name)
  if (found === undefined) output.error(`invalid switch: ${name}\n`)
  else if (what === 'start') await found.start(net.controllers)
  else if (what === 'stop') await found.stop(false)
  else output.error('invalid command: switch <switch name> {start, stop}\n')
  return undefined
}

/** `links`, and `links -s` with what passed them. */
const links: PromptCommand = ({ net, traffic }, rest) => {
  const passed = wordsOf(rest)[0] === '-s' ? traffic.read() : []
  for (const [i, each] of net.links.entries()) {
    net.output.output(`${each} ${each.status()} \n`)
    for (const way of passed[i] ?? []) net.output.output(`    ${trafficText(way)}\n`)
  }
  return undefined
}

/** `delay=20ms,loss=1` for the links between two nodes. */
const change = async (net: Mininet, names: readonly string[], text: string): Promise<void> => {
  const missing = names.find(name => !net.has(name))
  if (missing !== undefined) return net.output.error(`node '${missing}' not in network\n`)
  const [one, other] = names.map(name => net.get(name)) as [Node, Node]
  const between = net.linksBetween(one, other)
  if (between.length === 0) net.output.error(`src and dst not connected: ${names.join(' ')}\n`)
  const { named } = splitArgs(`link,${text}`)
  const changes = Object.fromEntries(Object.entries(named).map(([key, value]) => [key, wordOf(value)]))
  for (const each of between) await each.change(changes)
}

const wordOf = (value: string | number): string | number | boolean | undefined =>
  value === '' ? undefined : value === 'True' || value === 'true' ? true : value

const link: PromptCommand = async ({ net }, rest) => {
  const [one, other, status, ...more] = wordsOf(rest)
  if (one === undefined || other === undefined || status === undefined || more.length > 0)
    net.output.error('invalid number of args: link end1 end2 [up down]\n')
  else if (status.includes('=')) await change(net, [one, other], status)
  else if (status !== 'up' && status !== 'down') net.output.error('invalid type: link end1 end2 [up down]\n')
  else await net.configLinkStatus(one, other, status)
  return undefined
}

const iperf: PromptCommand = async (prompt, rest) => {
  const names = wordsOf(rest)
  if (names.length !== 0 && names.length !== 2) prompt.net.output.error('invalid number of args: iperf src dst\n')
  else {
    const hosts = nodesOf(prompt, names)
    if (hosts !== undefined) await prompt.net.iperf(hosts.length === 0 ? undefined : hosts)
  }
  return undefined
}

const iperfudp: PromptCommand = async (prompt, rest) => {
  const [udpBw, ...names] = wordsOf(rest)
  if (udpBw === undefined) await prompt.net.iperfUdp()
  else if (names.length !== 2)
    prompt.net.output.error('invalid number of args: iperfudp bw src dst\nbw examples: 10M\n')
  else {
    const hosts = nodesOf(prompt, names)
    if (hosts !== undefined) await prompt.net.iperfUdp(hosts, { udpBw })
  }
  return undefined
}

const source: PromptCommand = async (prompt, rest) => {
  const { output } = prompt.net
  const [path, ...more] = wordsOf(rest)
  if (path === undefined || more.length > 0) {
    output.error('usage: source <file>\n')
    return undefined
  }
  const text = prompt.around.readFile(path)
  if (text === undefined) output.error(`error reading file ${path}\n`)
  else {
    let count = 0
    for (const line of linesOf(text)) {
      if (await prompt.one(line)) return true
      // Millions of lines are no reason not to hear Ctrl-C.
      if (++count % linesAtOnce === 0) await prompt.net.box.calls.pause()
    }
  }
  return undefined
}

const linesAtOnce = 1000

/** One after the other: a long file is not held twice. */
function* linesOf(text: string): Generator<string> {
  let begin = 0
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', begin)) {
    yield text.slice(begin, end)
    begin = end + 1
  }
  yield text.slice(begin)
}

const time: PromptCommand = async (prompt, rest) => {
  const { clock } = prompt.net.box
  const began = clock.now()
  const over = await prompt.one(rest)
  prompt.around.print(`*** Elapsed time: ${((clock.now() - began) / 1e9).toFixed(6)} secs\n`)
  return over
}

const evaluate: PromptCommand = async ({ net, evaluator }, rest) => {
  try {
    net.output.output(evaluator.text(await evaluator.value(rest)))
  } catch (error) {
    net.output.output(`${messageOf(error)}\n`)
  }
  return undefined
}

const execute: PromptCommand = async ({ net, evaluator }, rest) => {
  try {
    await evaluator.statement(rest)
  } catch (error) {
    net.output.output(`${messageOf(error)}\n`)
  }
  return undefined
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** A command that only prints. */
const said =
  (text: (prompt: PromptView) => string): PromptCommand =>
  prompt => {
    prompt.net.output.output(text(prompt))
    return undefined
  }

/** A command that is a call of the network. */
const call =
  (run: (prompt: PromptView, rest: string) => Promise<unknown>): PromptCommand =>
  async (prompt, rest) => {
    await run(prompt, rest)
    return undefined
  }

export const commands: Readonly<Record<string, PromptCommand>> = {
  EOF: ({ net }) => {
    net.output.output('\n')
    return true
  },
  dpctl,
  dump: said(({ net }) =>
    net
      .values()
      .map(node => `${node.repr()}\n`)
      .join(''),
  ),
  exit: end,
  gterm: terminals('gterm'),
  help,
  intfs: said(({ net }) =>
    net
      .values()
      .map(node => `${node.name}: ${node.intfNames().join(',')}\n`)
      .join(''),
  ),
  iperf,
  iperfudp,
  link,
  links,
  net: said(({ net }) => nodeConnections(net.values())),
  nodes: said(({ net }) => `available nodes are: \n${net.keys().sort().join(' ')}\n`),
  noecho: async (prompt, rest) => await prompt.one(rest),
  pingall: call(({ net }, rest) => net.pingAll(rest)),
  pingallfull: call(({ net }) => net.pingAllFull()),
  pingpair: call(({ net }) => net.pingPair()),
  pingpairfull: call(({ net }) => net.pingPairFull()),
  ports: said(({ net }) =>
    net.switches
      .map(
        each =>
          `${each.name} ${each
            .intfList()
            .map(intf => `${intf}:${each.ports.get(intf)} `)
            .join('')}\n`,
      )
      .join(''),
  ),
  px: execute,
  py: evaluate,
  quit: end,
  sh: call((prompt, rest) => prompt.net.box.calls.run(shell(prompt, rest))),
  source,
  switch: startOrStop,
  time,
  wait: call(({ net }) => net.waitConnected()),
  x: (prompt, rest) => {
    const [name] = wordsOf(rest)
    if (name === undefined) prompt.net.output.error('usage: x node [cmd args]...\n')
    else if (!prompt.net.has(name)) prompt.net.output.error(`node '${name}' not in network\n`)
    else prompt.net.output.error('*** x: there is no display here\n')
    return undefined
  },
  xterm: terminals('xterm'),
}
