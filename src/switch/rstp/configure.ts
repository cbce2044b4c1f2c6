import { tableOrder } from '../flood-order.ts'
import type { BridgePort } from '../port.ts'
import { chosenMac } from '../stp/configure.ts'
import { canTakePart, hashName, hasLink } from '../stp/numbers.ts'
import type { TreeHost } from '../tree-host.ts'
import { Rstp, type RstpPortSettings } from './rstp.ts'
import type { RstpPort } from './rstp-port.ts'
import { askedPathCost, askedPortPriority, holdCount, type RstpOptions, rstpPathCost, rstpTimes } from './settings.ts'

/** Makes the tree what it should be. Says in `errors` what is wrong with what was asked for. */
export const configureRstp = (
  host: Pick<TreeHost, 'name' | 'mac' | 'ports' | 'now' | 'log'>,
  before: Rstp | undefined,
  options: RstpOptions,
  errors: string[],
): Rstp => {
  const { priority = 0x8000, forceVersion = 2 } = options
  const settings = {
    id: (BigInt(priority & 0xf000) << 48n) | BigInt(chosenMac(host, options.address, 'rstp-address', errors)),
    times: rstpTimes(options, before?.times),
    holdCount: holdCount(options.holdCount, before?.holdCount),
    isRapid: forceVersion >= 2,
  }
  const now = host.now()
  const rstp = before ?? new Rstp(host, now, settings)
  rstp.configure(settings)
  const numbers = numbersOf(rstp, [...host.ports.values()], errors)
  for (const { number } of rstp.ports) {
    const port = host.ports.get(number)
    if (port === undefined || !numbers.has(port)) rstp.removePort(number)
  }
  for (const [port, number] of numbers) {
    const wanted = settingsOf(port, number, rstp.member(port.ofport))
    if (rstp.member(port.ofport) === undefined) rstp.addPort(now, port.ofport, wanted)
    else rstp.configurePort(port.ofport, wanted)
  }
  return rstp
}

const usualPriority = 0x80

const settingsOf = (port: BridgePort, number: number, before: RstpPort | undefined): RstpPortSettings => {
  const { priority, pathCost, adminEdge = false, autoEdge = true, mcheck = false } = port.treeOptions.rstp ?? {}
  const usual = rstpPathCost(port.linkSpeed)
  const asked = askedPortPriority(priority ?? usualPriority) ?? (before === undefined ? usualPriority : before.id >>> 8)
  return {
    id: ((asked & 0xf0) << 8) | number,
    pathCost: pathCost === undefined ? usual : (askedPathCost(pathCost) ?? before?.pathCost ?? usual),
    adminEdge,
    autoEdge,
    mcheck,
    enabled: hasLink(port),
  }
}

/**
 * Numbers of 12 bits, given one port after the other along Open vSwitch's table of names: the one asked for, or the first,
 * that no other port has just now. A port that leaves the tree meanwhile still has its own.
 */
const numbersOf = (rstp: Rstp, ports: readonly BridgePort[], errors: string[]): Map<BridgePort, number> => {
  const numbers = new Map<BridgePort, number>()
  const has = new Map(rstp.ports.map(({ number, id }) => [number, id & mostPorts]))
  for (const port of tableOrder(ports, ({ name }) => hashName(name))) {
    const { enabled = true, number: asked } = port.treeOptions.rstp ?? {}
    if (!canTakePart(port) || !enabled) continue
    if (asked !== undefined && (asked < 1 || asked > mostPorts)) {
      errors.push(`port ${port.name}: invalid rstp-port-num`)
      continue
    }
    has.delete(port.ofport)
    const number = numberFor(asked, new Set(has.values()))
    if (number > mostPorts) {
      errors.push(`port ${port.name}: too many RSTP ports, disabling`)
      continue
    }
    has.set(port.ofport, number)
    numbers.set(port, number)
  }
  return numbers
}

const numberFor = (asked: number | undefined, taken: ReadonlySet<number>): number => {
  if (asked !== undefined && !taken.has(asked)) return asked
  let free = 1
  while (taken.has(free)) free++
  return free
}

const mostPorts = 4095
