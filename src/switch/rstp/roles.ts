/** Port Role Selection of IEEE 802.1D-2004 §17.28. */
import type { RstpPort, RstpRole } from './rstp-port.ts'
import type { RstpTimes } from './settings.ts'
import { addressOf, compareVectors, type Vector } from './vector.ts'

/** What a bridge knows of the root. */
export type RootInfo = { priority: Vector; times: RstpTimes; port: RstpPort | undefined }

/** §17.21.25 without what it does to ports: the best way to the root, or the bridge itself. */
export const selectRoot = (id: bigint, times: RstpTimes, ports: readonly RstpPort[]): RootInfo => {
  let best: RootInfo = {
    priority: { root: id, rootCost: 0, bridge: id, port: 0, bridgePort: 0 },
    times,
    port: undefined,
  }
  for (const port of ports) {
    const heard = port.portPriority
    if (port.infoIs !== 'received' || addressOf(heard.bridge) === addressOf(id)) continue
    const priority = { ...heard, rootCost: heard.rootCost + port.pathCost, bridgePort: port.id }
    if (compareVectors(priority, best.priority) >= 0) continue
    best = { priority, times: { ...port.portTimes, messageAge: port.portTimes.messageAge + 1 }, port }
  }
  return best
}

/** Gives every port what it would say on its LAN, and its role. */
export const assignRoles = (
  id: bigint,
  own: RstpTimes,
  { priority: root, times, port: rootPort }: RootInfo,
  ports: readonly RstpPort[],
): void => {
  for (const port of ports) {
    port.designatedPriority = { root: root.root, rootCost: root.rootCost, bridge: id, port: port.id, bridgePort: 0 }
    port.designatedTimes = { ...times, helloTime: own.helloTime }
    const role = roleOf(id, port, rootPort)
    port.selectedRole = role
    if (role === 'Designated') {
      if (port.infoIs !== 'mine' || !isTold(port)) port.updtInfo = true
    } else if (role !== 'Disabled') port.updtInfo = false
  }
}

const roleOf = (id: bigint, port: RstpPort, rootPort: RstpPort | undefined): RstpRole => {
  if (port.infoIs === 'disabled') return 'Disabled'
  if (port.infoIs !== 'received') return 'Designated'
  if (port === rootPort) return 'Root'
  if (compareVectors(port.designatedPriority, { ...port.portPriority, bridgePort: 0 }) < 0) return 'Designated'
  return addressOf(port.portPriority.bridge) === addressOf(id) ? 'Backup' : 'Alternate'
}

const isTold = ({ portPriority, portTimes, designatedPriority, designatedTimes }: RstpPort): boolean =>
  compareVectors(portPriority, designatedPriority) === 0 &&
  portTimes.messageAge === designatedTimes.messageAge &&
  portTimes.maxAge === designatedTimes.maxAge &&
  portTimes.helloTime === designatedTimes.helloTime &&
  portTimes.forwardDelay === designatedTimes.forwardDelay
