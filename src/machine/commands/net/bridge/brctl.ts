import {
  addBridge,
  type Bridge,
  type BridgePort,
  bridgeOf,
  bridgePortOf,
  bridgeView,
  type Errno,
  errnoText,
  type Link,
  type Namespace,
  portView,
  type Result,
} from '../../../../host/index.ts'
import { formatMac } from '../../../../wire/address.ts'
import type { Command, Process } from '../../../command.ts'
import { parseOptions } from '../../../options.ts'
import { Refusal } from '../refusal.ts'
import { longId, secondsText } from './bridge-text.ts'

type Run = (process: Process, args: readonly string[]) => string

/** What a command wants, how it is shown in the usage, and what it does. */
type Word = { least: number; usage: string; run: Run }

const linkNamed = (process: Process, name: string): Link => {
  const link = process.namespace.links.get(name)
  if (link === undefined) throw new Refusal(`interface ${name} does not exist!`, 1)
  return link
}

const refuse = (what: string, errno: Errno): never => {
  throw new Refusal(`${what}: ${errnoText[errno]}`, 1)
}

const settle = (what: string, result: Result<unknown>): string => {
  if (!result.ok) refuse(what, result.errno)
  return ''
}

/** The bridge of a name, or how the kernel refuses another. */
const bridgeNamed = (namespace: Namespace, name: string): Bridge | Errno => {
  const link = namespace.links.get(name)
  return link === undefined ? 'ENODEV' : (bridgeOf(link) ?? 'EOPNOTSUPP')
}

/** A number as strtod(3) reads it; undefined for none. */
const numberOf = (word: string): number | undefined => {
  const [text] = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i.exec(word) ?? []
  return text === undefined ? undefined : Number(text)
}

/** A command that gives a bridge a number; `scale` makes it the setting's. */
const setting =
  (name: Parameters<Bridge['set']>[0], bad: string, failed: string, scale: (value: number) => number): Run =>
  ({ namespace }, [bridgeName = '', word = '']) => {
    const value = numberOf(word)
    if (value === undefined) throw new Refusal(bad, 1)
    const bridge = bridgeNamed(namespace, bridgeName)
    if (typeof bridge === 'string') return refuse(failed, bridge)
    return settle(failed, bridge.set(name, scale(value)))
  }

const centiseconds = (seconds: number): number => Math.trunc(seconds * 100)

const portSetting =
  (name: 'cost' | 'priority', bad: string, failed: string): Run =>
  ({ namespace }, [bridgeName = '', device = '', word = '']) => {
    const value = numberOf(word)
    if (value === undefined) throw new Refusal(bad, 1)
    const link = namespace.links.get(device)
    const held = link === undefined ? undefined : bridgePortOf(link)
    if (held?.bridge.link.name !== bridgeName) return refuse(failed, link === undefined ? 'ENODEV' : 'ENOENT')
    return settle(failed, held.bridge.configurePort(held.port, { [name]: Math.trunc(value) }))
  }

const onOff = (word: string): boolean => {
  if (['on', 'yes', '1'].includes(word)) return true
  if (['off', 'no', '0'].includes(word)) return false
  throw new Refusal('expect on/off for argument', 1)
}

const byName = (a: { link: Link }, b: { link: Link }): number => (a.link.name < b.link.name ? -1 : 1)

const addPorts: Run = (process, [bridgeName = '', ...devices]) => {
  for (const device of devices) {
    const link = linkNamed(process, device)
    const bridge = bridgeNamed(process.namespace, bridgeName)
    if (bridge === 'ENODEV') throw new Refusal(`bridge ${bridgeName} does not exist!`, 1)
    const failed = `can't add ${device} to bridge ${bridgeName}`
    if (typeof bridge === 'string') return refuse(failed, bridge)
    const added = bridge.addPort(link)
    if (!added.ok && added.errno === 'ELOOP')
      throw new Refusal(`device ${device} is a bridge device itself; can't add a bridge device to a bridge device.`, 1)
    if (!added.ok && added.errno === 'EBUSY')
      throw new Refusal(`device ${device} is already a member of a bridge; can't add it to bridge ${bridgeName}.`, 1)
    settle(failed, added)
  }
  return ''
}

const removePorts: Run = (process, [bridgeName = '', ...devices]) => {
  for (const device of devices) {
    const link = linkNamed(process, device)
    const bridge = bridgeNamed(process.namespace, bridgeName)
    if (bridge === 'ENODEV') throw new Refusal(`bridge ${bridgeName} does not exist!`, 1)
    if (typeof bridge === 'string') return refuse(`can't delete ${device} from ${bridgeName}`, bridge)
    const held = bridgePortOf(link)
    if (held?.bridge !== bridge) throw new Refusal(`device ${device} is not a port of ${bridgeName}`, 1)
    bridge.removePort(held.port)
  }
  return ''
}

const bridgesOf = ({ links }: Namespace): Bridge[] => links.all().flatMap(link => bridgeOf(link) ?? [])

const show: Run = ({ namespace }, names) => {
  const rows = (bridge: Bridge): string => {
    const [first = '', ...others] = [...bridge.ports].sort(byName).map(({ link }) => link.name)
    const start = `${bridge.link.name}\t\t${longId(bridge.id)}\t${bridge.hasTree ? 'yes' : 'no'}\t\t${first}\n`
    return start + others.map(name => `\t\t\t\t\t\t\t${name}\n`).join('')
  }
  const wanted = names.map(name => {
    const bridge = bridgeNamed(namespace, name)
    if (bridge === 'ENODEV') throw new Refusal(`bridge ${name} does not exist!`, 1)
    if (typeof bridge === 'string') throw new Refusal(`device ${name} is not a bridge!`, 1)
    return bridge
  })
  const bridges = names.length > 0 ? wanted : bridgesOf(namespace).sort(byName)
  return `bridge name\tbridge id\t\tSTP enabled\tinterfaces\n${bridges.map(rows).join('')}`
}

const showMacs: Run = ({ namespace }, [name = '']) => {
  const bridge = bridgeNamed(namespace, name)
  if (typeof bridge === 'string') return refuse('read of forward table failed', bridge)
  const now = bridge.link.owner.now()
  const rows = bridge.fdb
    .list(now, bridge.holding)
    .filter(({ port }) => port !== undefined)
    .sort((a, b) => a.mac - b.mac)
    .map(({ mac, port, isLocal, isStatic, updated }) => {
      const age = secondsText(isStatic ? 0 : now - updated)
      return `${String(port?.number).padStart(3)}\t${formatMac(mac)}\t${isLocal ? 'yes' : 'no'}\t\t${age}\n`
    })
  return `port no\tmac addr\t\tis local?\tageing timer\n${rows.join('')}`
}

const stateWord = { disabled: 'disabled', listening: 'listening', learning: 'learning' } as const
const stateText = (state: BridgePort['state']): string =>
  (state === 'forwarding' || state === 'blocking' ? state : stateWord[state]).padStart(15)

const portText = (bridge: Bridge, port: BridgePort, now: number): string => {
  const view = portView(bridge, port, now)
  const hex = (id: number): string => id.toString(16).padStart(4, '0')
  const flags = [...(view.isPending ? ['CONFIG_PENDING '] : []), ...(view.acknowledges ? ['TOPOLOGY_CHANGE_ACK '] : [])]
  return `${port.link.name} (${port.number})
 port id\t\t${hex(port.id)}\t\t\tstate\t\t${stateText(port.state)}
 designated root\t${longId(view.root)}\tpath cost\t\t${String(port.pathCost).padStart(4)}
 designated bridge\t${longId(view.bridge)}\tmessage age timer\t${secondsText(view.messageAge)}
 designated port\t${hex(view.designatedPort)}\t\t\tforward delay timer\t${secondsText(view.forwardDelay)}
 designated cost\t${String(view.designatedCost).padStart(4)}\t\t\thold timer\t\t${secondsText(view.hold)}
 flags\t\t\t${flags.join('')}
${port.flags.hairpin ? ' hairpin mode\t\t   1\n' : ''}`
}

const treeText = (bridge: Bridge): string => {
  const now = bridge.link.owner.now()
  const view = bridgeView(bridge, now)
  const { hello_time, max_age, forward_delay } = bridge.settings
  const own = (hundredths: number): string => secondsText(hundredths * 10_000_000)
  const time = secondsText
  const flags = [
    ...(view.change ? ['TOPOLOGY_CHANGE '] : []),
    ...(view.changeDetected ? ['TOPOLOGY_CHANGE_DETECTED '] : []),
  ]
  const { times } = view
  return `${bridge.link.name}
 bridge id\t\t${longId(view.id)}
 designated root\t${longId(view.root)}
 root port\t\t${String(view.rootPort).padStart(4)}\t\t\tpath cost\t\t${String(view.rootCost).padStart(4)}
 max age\t\t${time(times.maxAge)}\t\t\tbridge max age\t\t${own(max_age)}
 hello time\t\t${time(times.helloTime)}\t\t\tbridge hello time\t${own(hello_time)}
 forward delay\t\t${time(times.forwardDelay)}\t\t\tbridge forward delay\t${own(forward_delay)}
 ageing time\t\t${time(view.ageing)}
 hello timer\t\t${time(view.hello)}\t\t\ttcn timer\t\t${time(view.changeNotice)}
 topology change timer\t${time(view.changeTime)}\t\t\tgc timer\t\t${time(view.gc)}
 flags\t\t\t${flags.join('')}


${[...bridge.ports]
  .sort(byName)
  .map(port => `${portText(bridge, port, now)}\n`)
  .join('')}`
}

const words: Readonly<Record<string, Word>> = {
  addbr: {
    least: 1,
    usage: '<bridge>\t\tadd bridge',
    run: ({ namespace }, [name = '']) => {
      const added = addBridge(namespace, name.slice(0, 15))
      if (!added.ok && added.errno === 'EEXIST')
        throw new Refusal(`device ${name} already exists; can't create bridge with the same name`, 1)
      return settle('add bridge failed', added)
    },
  },
  delbr: {
    least: 1,
    usage: '<bridge>\t\tdelete bridge',
    run: ({ namespace }, [name = '']) => {
      const bridge = bridgeNamed(namespace, name)
      if (bridge === 'ENODEV') throw new Refusal(`bridge ${name} doesn't exist; can't delete it`, 1)
      if (typeof bridge === 'string') return refuse(`can't delete bridge ${name}`, 'EPERM')
      if (bridge.link.up) throw new Refusal(`bridge ${name} is still up; can't delete it`, 1)
      namespace.links.remove(bridge.link)
      return ''
    },
  },
  addif: { least: 2, usage: '<bridge> <device>\tadd interface to bridge', run: addPorts },
  delif: { least: 2, usage: '<bridge> <device>\tdelete interface from bridge', run: removePorts },
  hairpin: {
    least: 3,
    usage: '<bridge> <port> {on|off}\tturn hairpin on/off',
    run: (process, [bridgeName = '', device = '', word = '']) => {
      const on = onOff(word)
      const held = bridgePortOf(linkNamed(process, device))
      const bridge = bridgeNamed(process.namespace, bridgeName)
      if (bridge === 'ENODEV') throw new Refusal(`bridge ${bridgeName} does not exist!`, 1)
      if (held?.bridge !== bridge) return refuse(`can't set ${device} to hairpin on bridge ${bridgeName}`, 'ENOENT')
      held.port.flags.hairpin = on
      return ''
    },
  },
  setageing: {
    least: 2,
    usage: '<bridge> <time>\t\tset ageing time',
    run: setting('ageing_time', 'bad ageing time value', 'set ageing time failed', centiseconds),
  },
  setbridgeprio: {
    least: 2,
    usage: '<bridge> <prio>\t\tset bridge priority',
    run: setting('priority', 'bad priority', 'set bridge priority failed', value => value & 0xffff),
  },
  setfd: {
    least: 2,
    usage: '<bridge> <time>\t\tset bridge forward delay',
    run: setting('forward_delay', 'bad forward delay value', 'set forward delay failed', centiseconds),
  },
  sethello: {
    least: 2,
    usage: '<bridge> <time>\t\tset hello time',
    run: setting('hello_time', 'bad hello timer value', 'set hello timer failed', centiseconds),
  },
  setmaxage: {
    least: 2,
    usage: '<bridge> <time>\t\tset max message age',
    run: setting('max_age', 'bad max age value', 'set max age failed', centiseconds),
  },
  setpathcost: {
    least: 3,
    usage: '<bridge> <port> <cost>\tset path cost',
    run: portSetting('cost', 'bad path cost value', 'set path cost failed'),
  },
  setportprio: {
    least: 3,
    usage: '<bridge> <port> <prio>\tset port priority',
    run: portSetting('priority', 'bad path priority value', 'set port priority failed'),
  },
  show: { least: 0, usage: '[ <bridge> ]\t\tshow a list of bridges', run: show },
  showmacs: { least: 1, usage: '<bridge>\t\tshow a list of mac addrs', run: showMacs },
  showstp: {
    least: 1,
    usage: '<bridge>\t\tshow bridge stp info',
    run: ({ namespace }, [name = '']) => {
      const bridge = bridgeNamed(namespace, name)
      if (bridge === 'ENODEV') throw new Refusal(`bridge ${name} does not exist!`, 1)
      if (typeof bridge === 'string') throw new Refusal(`device ${name} is not a bridge!`, 1)
      return treeText(bridge)
    },
  },
  stp: {
    least: 2,
    usage: '<bridge> {on|off}\tturn stp on/off',
    run: ({ namespace }, [name = '', word = '']) => {
      const on = onOff(word)
      const bridge = bridgeNamed(namespace, name)
      if (typeof bridge === 'string') return refuse('set stp status failed', bridge)
      return settle('set stp status failed', bridge.set('stp_state', Number(on)))
    },
  },
}

const usage = `Usage: brctl [commands]\ncommands:\n${Object.entries(words)
  .map(([name, word]) => `\t${name.padEnd(10)}\t${word.usage}\n`)
  .join('')}`

/** brctl(8) of bridge-utils 1.7. */
export const brctl: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), { h: 'none', help: 'none', V: 'none', version: 'none' })
  if (!parsed.ok) {
    yield* process.error(`brctl: ${parsed.error}\nUnknown option '?'`)
    yield* process.print(usage)
    return 1
  }
  const [option] = parsed.options
  if (option?.name.toLowerCase().startsWith('v')) {
    yield* process.print('bridge-utils, 1.7\n')
    return 0
  }
  const [name, ...args] = parsed.operands
  if (option !== undefined || name === undefined) {
    yield* process.print(usage)
    return option === undefined ? 1 : 0
  }
  const word = Object.hasOwn(words, name) ? words[name] : undefined
  if (word === undefined) {
    yield* process.error(`never heard of command [${name}]`)
    yield* process.print(usage)
    return 1
  }
  if (args.length < word.least) {
    yield* process.print('Incorrect number of arguments for command\n')
    yield* process.print(`Usage: brctl ${name} ${word.usage}\n`)
    return 1
  }
  try {
    yield* process.print(word.run(process, args))
    return 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  }
}
