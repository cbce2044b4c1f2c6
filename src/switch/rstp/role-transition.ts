/** Port Role Transitions of IEEE 802.1D-2004 §17.29: how a port comes to forward, or stops, as its role wants it. */
import type { Machine } from './machines.ts'
import type { RstpPort } from './rstp-port.ts'
import { migrateTime } from './settings.ts'
import type { RstpWorld } from './world.ts'

type Transition =
  | 'initPort'
  | 'disablePort'
  | 'disabledPort'
  | 'rootPort'
  | 'rootLearn'
  | 'rootForward'
  | 'rootProposed'
  | 'rootAgreed'
  | 'reroot'
  | 'rerooted'
  | 'designatedPort'
  | 'designatedPropose'
  | 'designatedSynced'
  | 'designatedRetired'
  | 'designatedDiscard'
  | 'designatedLearn'
  | 'designatedForward'
  | 'blockPort'
  | 'alternatePort'

/**
 * As in Open vSwitch, a port with a choice learns and forwards before it answers proposals, and alternate ports answer
 * none: a designated neighbour of one waits until it takes the LAN for an edge.
 */
export const roleTransitionMachine = (world: RstpWorld): Machine<RstpPort, Transition> => ({
  always(port) {
    if (port.machines.roleTransition.state === 'initPort' || !isSettled(port)) return undefined
    return port.role === port.selectedRole ? undefined : entry[port.selectedRole]
  },
  states: {
    ...disabledStates,
    ...rootStates(world),
    ...designatedStates(world),
    ...alternateStates,
  },
})

const entry = {
  Disabled: 'disablePort',
  Root: 'rootPort',
  Designated: 'designatedPort',
  Alternate: 'blockPort',
  Backup: 'blockPort',
} as const

const isSettled = ({ selected, updtInfo }: RstpPort): boolean => selected && !updtInfo

type States<S extends Transition> = { [N in S]: Machine<RstpPort, Transition>['states'][N] }

const stopForwarding = (port: RstpPort): void => {
  port.role = port.selectedRole
  port.learn = port.forward = false
}
const hasStopped = (port: RstpPort): boolean => isSettled(port) && !port.learning && !port.forwarding

const disabledStates: States<'initPort' | 'disablePort' | 'disabledPort'> = {
  initPort: {
    enter(port) {
      port.role = port.selectedRole = 'Disabled'
      port.learn = port.forward = port.synced = false
      port.sync = port.reRoot = true
      port.timers.recentRoot = port.designatedTimes.forwardDelay
      port.timers.forwardDelay = port.designatedTimes.maxAge
      port.timers.recentBackup = 0
    },
    follow: 'disablePort',
  },
  disablePort: { enter: stopForwarding, next: port => (hasStopped(port) ? 'disabledPort' : undefined) },
  disabledPort: {
    enter(port) {
      port.timers.forwardDelay = port.designatedTimes.maxAge
      port.synced = true
      port.timers.recentRoot = 0
      port.sync = port.reRoot = false
    },
    next(port) {
      if (!isSettled(port)) return undefined
      const isAsIs =
        port.timers.forwardDelay === port.designatedTimes.maxAge && !port.sync && !port.reRoot && port.synced
      return isAsIs ? undefined : 'disabledPort'
    },
  },
}

const rootStates = (
  world: RstpWorld,
): States<'rootPort' | 'rootLearn' | 'rootForward' | 'rootProposed' | 'rootAgreed' | 'reroot' | 'rerooted'> => ({
  rootPort: {
    enter(port) {
      port.role = 'Root'
      port.timers.recentRoot = port.designatedTimes.forwardDelay
    },
    next(port) {
      if (!isSettled(port)) return undefined
      const others = world.ports.filter(each => each !== port)
      const mayForward =
        port.timers.forwardDelay === 0 ||
        (world.isRapid && port.timers.recentBackup === 0 && others.every(({ timers }) => timers.recentRoot === 0))
      if (mayForward && !port.learn) return 'rootLearn'
      if (mayForward && !port.forward) return 'rootForward'
      if (port.proposed && !port.agree) return 'rootProposed'
      if (!port.forward && !port.reRoot) return 'reroot'
      if (port.reRoot && port.forward) return 'rerooted'
      if ((areSynced(world) && !port.agree) || (port.proposed && port.agree)) return 'rootAgreed'
      return port.timers.recentRoot === port.designatedTimes.forwardDelay ? undefined : 'rootPort'
    },
  },
  rootLearn: {
    enter(port) {
      port.timers.forwardDelay = port.designatedTimes.forwardDelay
      port.learn = true
    },
    follow: 'rootPort',
  },
  rootForward: {
    enter(port) {
      port.timers.forwardDelay = 0
      port.forward = true
    },
    follow: 'rootPort',
  },
  rootProposed: {
    enter(port) {
      for (const each of world.ports) each.sync = true
      port.proposed = false
    },
    follow: 'rootPort',
  },
  rootAgreed: {
    enter(port) {
      port.proposed = port.sync = false
      port.agree = port.newInfo = true
    },
    follow: 'rootPort',
  },
  reroot: {
    enter() {
      for (const each of world.ports) each.reRoot = true
    },
    follow: 'rootPort',
  },
  rerooted: {
    enter(port) {
      port.reRoot = false
    },
    follow: 'rootPort',
  },
})

/** §17.20.3. */
const areSynced = ({ ports }: RstpWorld): boolean =>
  ports.every(
    ({ selected, role, selectedRole, synced }) => selected && role === selectedRole && (synced || role === 'Root'),
  )

const designatedStates = (
  world: RstpWorld,
): States<
  | 'designatedPort'
  | 'designatedPropose'
  | 'designatedSynced'
  | 'designatedRetired'
  | 'designatedDiscard'
  | 'designatedLearn'
  | 'designatedForward'
> => ({
  designatedPort: {
    enter(port) {
      port.role = 'Designated'
    },
    next: nextOfDesignated,
  },
  designatedPropose: {
    enter(port) {
      port.proposing = port.newInfo = true
      port.timers.edgeDelay = migrateTime
    },
    follow: 'designatedPort',
  },
  designatedSynced: {
    enter(port) {
      port.timers.recentRoot = 0
      port.synced = true
      port.sync = false
    },
    follow: 'designatedPort',
  },
  designatedRetired: {
    enter(port) {
      port.reRoot = false
    },
    follow: 'designatedPort',
  },
  designatedDiscard: {
    enter(port) {
      port.learn = port.forward = port.disputed = false
      port.timers.forwardDelay = port.designatedTimes.forwardDelay
    },
    follow: 'designatedPort',
  },
  designatedLearn: {
    enter(port) {
      port.learn = true
      port.timers.forwardDelay = port.designatedTimes.forwardDelay
    },
    follow: 'designatedPort',
  },
  designatedForward: {
    enter(port) {
      port.forward = true
      port.timers.forwardDelay = 0
      port.agreed = port.sendRstp && world.isRapid
    },
    follow: 'designatedPort',
  },
})

const nextOfDesignated = (port: RstpPort): Transition | undefined => {
  if (!isSettled(port)) return undefined
  const { forward, learn, learning, forwarding, agreed, proposing, operEdge, sync, synced, reRoot, disputed, timers } =
    port
  if (!forward && !agreed && !proposing && !operEdge) return 'designatedPropose'
  if ((!learning && !forwarding && !synced) || (agreed && !synced) || (operEdge && !synced) || (sync && synced))
    return 'designatedSynced'
  if (timers.recentRoot === 0 && reRoot) return 'designatedRetired'
  const mustStop = ((sync && !synced) || (reRoot && timers.recentRoot !== 0) || disputed) && !operEdge
  if (mustStop && (learn || forward)) return 'designatedDiscard'
  const mayGo = (timers.forwardDelay === 0 || agreed || operEdge) && (timers.recentRoot === 0 || !reRoot) && !sync
  if (mayGo && !learn) return 'designatedLearn'
  return mayGo && !forward ? 'designatedForward' : undefined
}

const rest = (port: RstpPort): void => {
  port.timers.forwardDelay = port.designatedTimes.forwardDelay
  port.synced = true
  port.timers.recentRoot = 0
  port.sync = port.reRoot = false
  if (port.role === 'Backup') port.timers.recentBackup = 2 * port.designatedTimes.helloTime
}

const alternateStates: States<'blockPort' | 'alternatePort'> = {
  blockPort: { enter: stopForwarding, next: port => (hasStopped(port) ? 'alternatePort' : undefined) },
  alternatePort: {
    enter: rest,
    next(port) {
      if (isSettled(port)) rest(port)
      return undefined
    },
  },
}
