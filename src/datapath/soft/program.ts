import { type TunnelRow, word } from '../../flow/layout.ts'
import type { Frame } from '../../wire/frame.ts'
import { popVlan, pushVlan } from '../../wire/vlan.ts'
import type { Action, ConnTrack, PortNumber, UpcallReason } from '../action.ts'
import { writtenBits } from '../said-set.ts'
import { type TunnelHeader, tunnelPusher } from '../tunnel-header.ts'
import { popEthernetHeader, popServiceHeader, pushEthernetHeader, pushServiceHeader } from './encapsulation.ts'
import { addLabel, popLabel, pushLabel } from './labels.ts'
import { compileRewrite, isMetadata } from './rewrite.ts'

export type HashAlgorithm = Extract<Action, { type: 'hash' }>['algorithm']

/** What a program does to the world; the datapath, or a test. Each that takes a frame owns it. */
export interface World {
  output(port: PortNumber, frame: Frame, tunnel: TunnelRow | undefined): void
  userspace(frame: Frame, reason: UpcallReason, cookie: unknown): void
  recirculate(frame: Frame, tunnel: TunnelRow | undefined, id: number): void
  /** Bits of a word that lies beside the frame. */
  setMetadata(word: number, value: number, mask: number): void
  /** Keeps what `setMetadata` changes until the matching `restore`. */
  save(): void
  restore(): void
  drop(reason: string): void
  /** From 0 to below 2^32. */
  random(): number
  /** Takes the frame through a meter, and asks the connection tracker; false if the frame goes no further. Drops are counted. */
  meter(meter: number, frame: Frame): boolean
  track(action: ConnTrack, frame: Frame): boolean
  /** Forgets what the connection tracker said. */
  untrack(): void
  /** Puts a hash of the frame into `dp_hash`. */
  hash(algorithm: HashAlgorithm, basis: number, frame: Frame): void
  /** The frame's hash, for the ports of its tunnel, now that it goes into one. */
  flowHash(frame: Frame): number
  /** Takes outer headers off and goes on with what comes in at the tunnel's port. */
  popTunnel(frame: Frame, port: PortNumber): void
  /** What a hash would be of has changed: the frame counts as one that has just come. */
  unhash(): void
}

/**
 * Actions, made ready to run. By far the most are one output, perhaps behind the outer headers of a tunnel: `port`
 * says so and the datapath runs them by itself. The rest are steps; the last that needs the frame gets the frame
 * itself, those before it get copies.
 */
export type Program = {
  /** The only output's port, or -1 for `steps`. */
  readonly port: PortNumber
  readonly tunnel: TunnelRow | undefined
  readonly steps: readonly Step[]
  /** Whether a step wants a hash of the frame as it came. */
  readonly hashesArrival: boolean
  /** Whether runs of segments (`Frame.gso`) may go through it as they are; else they are cut before. */
  readonly takesRuns: boolean
}

/** What runs: the frame as it is now, and what the next output is to know. */
export type Run = {
  frame: Frame
  tunnel: TunnelRow | undefined
  /** Bytes that the next output leaves out at the end. */
  cut: number
  /** The frame is gone before its last step: nothing more is done. */
  gone: boolean
}

type Step = (run: Run, world: World) => void

/** Throws for a `set` that no datapath can do. */
export const compile = (actions: readonly Action[]): Program => {
  const [first, second] = actions
  if (actions.length === 1 && first?.type === 'output')
    return { port: first.port, tunnel: undefined, steps: [], hashesArrival: false, takesRuns: true }
  if (actions.length === 2 && first?.type === 'tunnel' && second?.type === 'output')
    return { port: second.port, tunnel: first.row.slice(), steps: [], hashesArrival: false, takesRuns: false }
  const steps = compileSteps(actions, 'drop_action_of_pipeline')
  const takesRuns = actions.every(leavesRuns)
  return { port: -1, tunnel: undefined, steps, hashesArrival: actions.some(hashesArrival), takesRuns }
}

/** Actions that do with a run of segments what they do with each of its packets. */
const leavesRuns = ({ type }: Action): boolean =>
  type === 'output' ||
  type === 'push_vlan' ||
  type === 'pop_vlan' ||
  type === 'recirc' ||
  type === 'hash' ||
  type === 'drop'

const hashesArrival = (action: Action): boolean =>
  action.type === 'tnl_push' ||
  (action.type === 'hash' && action.algorithm === 'l4') ||
  listsIn(action).some(hashesArrival)

/** The actions inside an action. */
const listsIn = (action: Action): readonly Action[] => {
  if (action.type === 'clone' || action.type === 'sample') return action.actions
  return action.type === 'check_pkt_len' ? [...action.greater, ...action.lessEqual] : []
}

/** Runs steps on a frame that they then own. */
export const runSteps = (steps: readonly Step[], run: Run, world: World): void => {
  for (let i = 0; i < steps.length && !run.gone; i++) steps[i]!(run, world)
}

const taking: ReadonlySet<Action['type']> = new Set<Action['type']>([
  'output',
  'userspace',
  'recirc',
  'clone',
  'sample',
  'check_pkt_len',
  'ct',
  'tnl_pop',
])
const takesFrame = ({ type }: Action): boolean => taking.has(type)
/** Whether it does something though the frame goes nowhere: meters count. */
const matters = (action: Action): boolean => action.type === 'meter' || takesFrame(action)

const compileSteps = (actions: readonly Action[], unused: string | undefined): Step[] => {
  const end = actions.findIndex(action => action.type === 'drop')
  const list = end < 0 ? actions : actions.slice(0, end + 1)
  const last = list.findLastIndex(takesFrame)
  const steps = list.slice(0, list.findLastIndex(matters) + 1).map((action, i) => compileStep(action, i === last))
  const drop = end < 0 ? undefined : (list[end] as Action & { type: 'drop' }).reason
  const reason = drop ?? (last < 0 ? unused : undefined)
  if (reason !== undefined) steps.push((_, world) => world.drop(reason))
  return steps
}

/** The frame itself for the last that needs it, else a copy. */
const take = ({ frame }: Run, last: boolean): Frame => (last ? frame : frame.copy())

/** The same, cut where an action before asked for it. */
const takeCut = (run: Run, last: boolean): Frame => {
  const taken = take(run, last)
  if (run.cut > 0) {
    taken.end = Math.max(taken.start, taken.end - run.cut)
    run.cut = 0
  }
  return taken
}

const compileStep = (action: Action, last: boolean): Step => {
  switch (action.type) {
    case 'output': {
      const { port } = action
      return (run, world) => world.output(port, takeCut(run, last), run.tunnel)
    }
    case 'set':
      return compileSet(action)
    case 'tunnel': {
      const row = action.row.slice()
      return run => {
        run.tunnel = row
      }
    }
    case 'push_vlan': {
      const { tpid, tci } = action
      return ({ frame }) => {
        if (frame.size >= 14 && frame.packetType === 0) pushVlan(frame, tpid, tci & ~0x1000)
      }
    }
    case 'pop_vlan':
      return ({ frame }) => {
        if (frame.packetType === 0) popVlan(frame)
      }
    case 'push_mpls':
      return ({ frame }) => pushLabel(frame, action.label, action.ethType)
    case 'pop_mpls':
      return ({ frame }, world) => {
        popLabel(frame, action.ethType)
        world.unhash()
      }
    case 'userspace': {
      const { reason, cookie } = action
      return (run, world) => world.userspace(takeCut(run, last), reason, cookie)
    }
    case 'trunc': {
      const { size } = action
      return run => {
        run.cut = Math.max(0, run.frame.size - Math.max(size, 14))
      }
    }
    case 'recirc': {
      const { id } = action
      return (run, world) => world.recirculate(take(run, last), run.tunnel, id)
    }
    case 'clone': {
      const steps = compileSteps(action.actions, undefined)
      return (run, world) => runAside(steps, run, last, world)
    }
    case 'sample': {
      const { probability } = action
      const steps = compileSteps(action.actions, undefined)
      return (run, world) => {
        if (probability === 0xffffffff || world.random() < probability) runAside(steps, run, last, world)
      }
    }
    case 'check_pkt_len': {
      const { size } = action
      const greater = compileSteps(action.greater, undefined)
      const lessEqual = compileSteps(action.lessEqual, undefined)
      return (run, world) => runAside(run.frame.size > size ? greater : lessEqual, run, last, world)
    }
    case 'ct':
      return (run, world) => {
        run.gone = !world.track(action, run.frame)
      }
    case 'tnl_push':
      return compilePush(action.header)
    case 'tnl_pop': {
      const { port } = action
      return (run, world) => world.popTunnel(take(run, last), port)
    }
    case 'ct_clear':
      return (_, world) => world.untrack()
    case 'meter': {
      const { meter } = action
      return (run, world) => {
        run.gone = !world.meter(meter, run.frame)
      }
    }
    case 'hash': {
      const { algorithm, basis } = action
      return ({ frame }, world) => world.hash(algorithm, basis, frame)
    }
    case 'push_eth': {
      const { src, dst } = action
      return ({ frame }) => pushEthernetHeader(frame, src, dst)
    }
    case 'pop_eth':
      return ({ frame }) => popEthernetHeader(frame)
    case 'push_nsh':
      return compilePushNsh(action)
    case 'pop_nsh':
      return (run, world) => {
        if (popServiceHeader(run.frame)) return
        run.gone = true
        world.drop('datapath_drop_nsh_decap_error')
      }
    case 'add_mpls': {
      const { label, ethType, inner } = action
      return ({ frame }) => (inner ? addLabel(frame, label, ethType) : pushLabel(frame, label, ethType))
    }
    case 'lb_output':
      return (_, world) => world.drop('datapath_drop_invalid_bond')
    case 'drop':
      return (_, world) => world.drop(action.reason)
  }
}

/** Runs steps whose changes do not outlive them. */
const runAside = (steps: readonly Step[], run: Run, last: boolean, world: World): void => {
  world.save()
  runSteps(steps, { frame: take(run, last), tunnel: run.tunnel, cut: 0, gone: false }, world)
  world.restore()
}

const compilePush = (header: TunnelHeader): Step => {
  const push = tunnelPusher(header)
  return ({ frame }, world) => push(frame, world.flowHash(frame))
}

/** The context is that of metadata type 1, four words, or type-length-values (RFC 8300 §2.4, §2.5). */
const compilePushNsh = ({ key, mdType, tlvs }: Action & { type: 'push_nsh' }): Step => {
  const values = new Map(key)
  const word32 = (place: number): number => values.get(place) ?? 0
  const fixed = [0, 1, 2, 3].map(i => word32(word.nshContext + i))
  const context = mdType === 1 ? fixed.flatMap(value => [24, 16, 8, 0].map(by => (value >>> by) & 0xff)) : tlvs
  const base = word32(word.nsh)
  const path = word32(word.nshPath)
  return ({ frame }) => pushServiceHeader(frame, base, path, context)
}

const compileSet = (action: Action & { type: 'set' }): Step => {
  const { key } = action
  const mask = writtenBits(action)
  const rewrite = compileRewrite(key, mask)
  const metadata = mask.filter(([place]) => isMetadata(place))
  if (metadata.length === 0) return ({ frame }) => rewrite(frame)
  const values = new Map(key)
  return ({ frame }, world) => {
    rewrite(frame)
    for (const [place, bits] of metadata) world.setMetadata(place, values.get(place) ?? 0, bits)
  }
}
