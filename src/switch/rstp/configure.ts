import { tableOrder } from '../flood-order.ts'
import type { BridgePort } from '../port.ts'
import { canTakePart, hashName, hasLink } from '../stp/numbers.ts'
import type { TreeHost } from '../tree-host.ts'
import { Rstp, type RstpPortSettings } from './rstp.ts'
import { holdCount, type RstpOptions, rstpPathCost, rstpTimes } from './settings.ts'

/** Makes the tree what it should be. Says in `errors` what is wrong with what was asked for. */
export const configureRstp = (
  host: Pick<TreeHost, 'name' | 'mac' | 'ports' | 'now'>,
  before: Rstp | undefined,
  options: RstpOptions,
  errors: string[],
): Rstp => {
  const { address = host.mac, priority = 0x8000, forceVersion = 2 } = options
  const settings = {
    id: (BigInt(priority & 0xf000) << 48n) | BigInt(address),
    times: rstpTimes(options),
    holdCount: holdCount(options.holdCount),
    isRapid: forceVersion >= 2,
  }
  const now = host.now()
  const rstp = before ?? new Rstp(now, settings)
  rstp.configure(settings)
  const numbers = numbersOf(rstp, [...host.ports.values()], errors)
  for (const { number } of rstp.ports) {
    const port = host.ports.get(number)
    if (port === undefined || !numbers.has(port)) rstp.removePort(number)
  }
  for (const [port, number] of numbers) {
    const wanted = settingsOf(port, number)
    if (rstp.member(port.ofport) === undefined) rstp.addPort(now, port.ofport, wanted)
    else rstp.configurePort(port.ofport, wanted)
  }
  return rstp
}

const settingsOf = (port: BridgePort, number: number): RstpPortSettings => {
  const { priority = 0x80, pathCost, adminEdge = false, autoEdge = true, mcheck = false } = port.treeOptions.rstp ?? {}
  return {
    id: ((priority & 0xf0) << 8) | number,
    pathCost: pathCost ?? rstpPathCost(port.linkSpeed),
    adminEdge,
    autoEdge,
    mcheck,
    enabled: hasLink(port),
  }
}

/** Numbers of 12 bits: those asked for, those that ports have, then the first free, along Open vSwitch's table of names. */
const numbersOf = (rstp: Rstp, ports: readonly BridgePort[], errors: string[]): Map<BridgePort, number> => {
  const numbers = new Map<BridgePort, number>()
  const taken = new Set<number>()
  const take = (port: BridgePort, number: number): void => {
    numbers.set(port, number)
    taken.add(number)
  }
  const taking = tableOrder(ports, ({ name }) => hashName(name)).filter(
    port => canTakePart(port) && port.treeOptions.rstp?.enabled !== false,
  )
  for (const port of taking) {
    const asked = port.treeOptions.rstp?.number
    if (asked === undefined || asked < 1 || asked > mostPorts) continue
    if (taken.has(asked)) errors.push(`port ${port.name}: duplicate rstp-port-num ${asked}`)
    else take(port, asked)
  }
  for (const port of taking) {
    const id = rstp.member(port.ofport)?.id
    if (id !== undefined && !numbers.has(port) && !taken.has(id & mostPorts)) take(port, id & mostPorts)
  }
  let free = 1
  for (const port of taking) {
    if (numbers.has(port)) continue
    while (taken.has(free)) free++
    if (free > mostPorts) break
    take(port, free)
  }
  // Ports are added in this order, which can be seen.
  return new Map(taking.flatMap(port => (numbers.has(port) ? [[port, numbers.get(port) as number]] : [])))
}

const mostPorts = 4095
