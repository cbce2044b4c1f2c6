/**
 * Wanted state minus present state is a list of steps. `plan` makes the list and touches nothing; `Hand` in `hand.ts`
 * carries the steps out. A step that fails (no such device) leaves its port wanted, so the next plan has it again.
 */
import type { BridgeOptions, VlanColumns } from '../switch/bridge-options.ts'
import type { PortColumns } from './tree-columns.ts'
import type { WantedBridge, WantedPort } from './wanted.ts'

/** What there is: by bridge name, what each port was made from. */
export type Present = ReadonlyMap<string, { options: BridgeOptions; ports: ReadonlyMap<string, WantedPort> }>

export type Step =
  | { do: 'remove bridge'; bridge: string }
  | { do: 'add bridge'; bridge: string; options: BridgeOptions }
  | { do: 'configure bridge'; bridge: string; options: BridgeOptions }
  | { do: 'remove port'; bridge: string; port: string }
  | { do: 'add port'; bridge: string; port: WantedPort }
  | { do: 'set vlan'; bridge: string; port: string; vlan: VlanColumns }
  | ({ do: 'set tree'; bridge: string; port: string } & PortColumns)
  | { do: 'set options'; bridge: string; port: string; options: WantedPort['options'] }
  | { do: 'set mtu'; bridge: string; port: string; mtu: number }
  | { do: 'set mac'; bridge: string; port: string; mac: number }

const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a, plain) === JSON.stringify(b, plain)
const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value)

/** Types of ports that stand on devices, which take other options as they are; the others are what their options say. */
const devices = ['dummy', 'system', 'internal', 'tap']

/** Whether a port has to be made anew: what it is has changed, not how it is set. */
const remade = (a: WantedPort, b: WantedPort, onDevices: ReadonlySet<string>): boolean =>
  a.type !== b.type ||
  (!onDevices.has(a.type) && !same(a.options, b.options)) ||
  (a.ofport !== b.ofport && b.ofport !== undefined) ||
  a.uuid !== b.uuid

/**
 * Removals first, so that what moves from one bridge to another is free when it is added. `dummies` are types that stand on
 * devices too.
 */
export const plan = (
  present: Present,
  wanted: readonly WantedBridge[],
  dummies: ReadonlySet<string> = new Set(),
): Step[] => {
  const onDevices = new Set([...devices, ...dummies])
  const steps: Step[] = []
  const byName = new Map(wanted.map(bridge => [bridge.name, bridge]))
  for (const [name, { ports }] of present) {
    const bridge = byName.get(name)
    if (bridge === undefined) {
      steps.push({ do: 'remove bridge', bridge: name })
      continue
    }
    const stay = new Map(bridge.ports.map(port => [port.name, port]))
    for (const [portName, port] of ports) {
      const stays = stay.get(portName)
      if (stays === port) continue
      if (portName !== name && (stays === undefined || remade(port, stays, onDevices))) {
        steps.push({ do: 'remove port', bridge: name, port: portName })
      }
    }
  }
  for (const { name, options, ports } of wanted) {
    const there = present.get(name)
    if (there === undefined) steps.push({ do: 'add bridge', bridge: name, options })
    else if (!same(there.options, options)) steps.push({ do: 'configure bridge', bridge: name, options })
    for (const port of ports) steps.push(...planPort(name, there?.ports.get(port.name), port, onDevices))
  }
  return steps
}

const planPort = (
  bridge: string,
  there: WantedPort | undefined,
  port: WantedPort,
  onDevices: ReadonlySet<string>,
): Step[] => {
  if (there === port) return []
  const isLocal = port.name === bridge
  if (there === undefined || (!isLocal && remade(there, port, onDevices))) return [{ do: 'add port', bridge, port }]
  const steps: Step[] = []
  if (!isLocal && !same(there?.options, port.options))
    steps.push({ do: 'set options', bridge, port: port.name, options: port.options })
  if (!same(there?.vlan ?? {}, port.vlan)) steps.push({ do: 'set vlan', bridge, port: port.name, vlan: port.vlan })
  const { tree, snooping } = port
  if (!isLocal && !same({ tree: there?.tree, snooping: there?.snooping }, { tree, snooping }))
    steps.push({ do: 'set tree', bridge, port: port.name, tree, snooping })
  if (port.mtu !== undefined && there?.mtu !== port.mtu) {
    steps.push({ do: 'set mtu', bridge, port: port.name, mtu: port.mtu })
  }
  if (port.mac !== undefined && there?.mac !== port.mac)
    steps.push({ do: 'set mac', bridge, port: port.name, mac: port.mac })
  return steps
}
