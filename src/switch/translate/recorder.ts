import type { FieldName } from '../../flow/fields.ts'
import type { OfAction, Subfield } from '../../openflow/action.ts'
import type { Ip, Mac } from '../../wire/address.ts'
import type { FlowSpec, Rule } from '../rule.ts'
import type { Group } from '../snooping/group.ts'
import type { Runnable } from './runnable.ts'

/**
 * What translation says about each step, for a person: `ofproto/trace` prints it, a lab explains with it. Everything is
 * data; `trace-text.ts` has the words.
 */
export type Step =
  | { kind: 'bridge'; name: string }
  /** A look-up in a table; without a rule nothing matched. `internal` is the rule of table 254 that stands in. */
  | { kind: 'table'; table: number; rule: Rule | undefined; internal?: Internal }
  | { kind: 'action'; action: Runnable }
  | { kind: 'bucket'; bucket: number }
  | { kind: 'action_set' }
  /** A pipeline goes on from what was frozen. */
  | { kind: 'thaw' }
  /** What is taken up again. */
  | { kind: 'thawed'; detail: Detail }
  /** A frame that no rule wants ends here. */
  | { kind: 'drop' }
  | { kind: 'detail'; detail: Detail }

/** What stands in where no rule matched: a packet-in, nothing, or nothing since the frame is a fragment. */
export type Internal =
  | 'miss'
  | 'no_packet_in'
  | 'fragment'
  | 'patched_miss'
  | 'patched_no_packet_in'
  | 'patched_fragment'

/** Decisions inside an action, with what they were made from. */
export type Detail =
  | { what: 'learned'; mac: number; vlan: number; port: string }
  /** What is to be written has no place in this frame. */
  | { what: 'no_header'; field: FieldName }
  | { what: 'moved'; target: Subfield; value: bigint }
  | { what: 'output_port'; port: bigint }
  | { what: 'no_mac' }
  | { what: 'forward'; port: string }
  | { what: 'learned_is_input' }
  | { what: 'reserved_mac' }
  | { what: 'partial_vlan_tag' }
  /** The same, of a frame that is there. */
  | { what: 'partial_vlan_tag_on'; port: string }
  | { what: 'unknown_port'; ofport: number }
  /** What NORMAL makes of that. */
  | { what: 'no_input_port' }
  | { what: 'tagged_on_access'; vlan: number; port: string; tag: number }
  | { what: 'vlan_not_trunked'; vlan: number; port: string }
  | { what: 'vlan_excluded'; vlan: number; port: string }
  /** What NORMAL makes of these. */
  | { what: 'bad_vlan' }
  /** A mirror cuts its copies, which only a datapath's port can have. */
  | { what: 'no_trunc_for_mirror' }
  | { what: 'skip_input_port' }
  | { what: 'no_such_port' }
  | { what: 'port_down' }
  | { what: 'no_forward' }
  /** `protected` ports on both sides. */
  | { what: 'protected' }
  | { what: 'mirror_port'; port: string }
  /** What NORMAL makes of that. */
  | { what: 'from_mirror_port' }
  /** Spanning tree does not let the port forward. */
  | { what: 'tree_stops'; protocol: 'STP' | 'RSTP' }
  | { what: 'no_peer' }
  /** Why multicast goes everywhere. */
  | { what: 'multicast'; how: 'igmp_flood' | 'mld_flood' | 'local_flood' | 'unregistered_flood' }
  /** What becomes of it at a port that is to have it. */
  | {
      what: 'multicast_port'
      kind: 'group' | 'router' | 'flood' | 'report'
      how: 'forwarding' | 'unknown' | 'input' | 'other_vlan'
    }
  /** What a host or a router said of groups. */
  | { what: 'heard'; said: SaidOfGroups; port: string; vlan: number }
  | { what: 'invalid_ttl'; version: 4 | 6 }
  | { what: 'tunnel' }
  /** A tunnel that the datapath makes itself. */
  | { what: 'native_tunnel' }
  | { what: 'no_tunnel_route' }
  | { what: 'tunnel_via'; ip: Ip; bridge: string }
  | { what: 'no_neighbour'; ip: Ip; bridge: string }
  | { what: 'tunnel_ends'; mac: Mac; source: Ip; to: Mac; ip: Ip }
  | { what: 'tunnel_to_ourselves' }
  | { what: 'tunnel_failed'; why: string }
  /** Datapath actions, in bytes. */
  | { what: 'too_many_actions' }
  | { what: 'failed'; failure: Failure }
  | { what: 'not_ethernet' }
  | { what: 'conjunction' }
  | { what: 'action_set'; verb: 'was' | 'is'; actions: readonly OfAction[] }
  | { what: 'no_group'; group: number }
  | { what: 'no_live_bucket' }
  | { what: 'bucket'; bucket: number }
  | { what: 'bucket_down'; bucket: number; watchPort: number | undefined; watchGroup: number | undefined }
  | { what: 'score'; bucket: number; score: number }
  | { what: 'queue'; queue: number }
  | { what: 'stack_underflow' }
  | { what: 'no_trunc'; port: number }
  | { what: 'no_trunc_to_patch'; port: number }
  | { what: 'too_many_labels'; action: 'push' | 'pop' | 'encap' | 'decap' }
  | { what: 'mpls_ttl' }
  | { what: 'nsh_ttl' }
  | { what: 'encap_refused'; remark: string }
  | { what: 'deleted'; field: FieldName }
  | { what: 'not_learning' }
  | { what: 'learned_flow'; flow: FlowSpec }
  | { what: 'learn_limit' }
  | { what: 'forked'; table: number }
  | { what: 'untracked' }
  | { what: 'no_connection' }
  | { what: 'resuming'; table: number }
  /** The table and flow that the next actions are of. */
  | { what: 'restored'; table: number; cookie: bigint }
  | { what: 'restoring_set'; actions: readonly OfAction[] }
  | { what: 'restoring_actions'; actions: readonly Runnable[] }
  | { what: 'no_state'; id: number }

export type SaidOfGroups =
  | { kind: 'bad_checksum'; protocol: 'IGMP' | 'MLD' }
  | { kind: 'join' | 'leave'; group: Group }
  | { kind: 'query'; source: Group }
  | { kind: 'counted'; count: number }

/** Why a translation was given up: then the frame is dropped, whatever was decided before. */
export type Failure =
  | 'depth'
  | 'resubmits'
  | 'stack'
  | 'labels'
  | 'packet_type'
  | 'no_state'
  | 'bridge_gone'
  | 'conflict'

/** Is told each step as it happens; `enter` opens one whose own steps follow until `leave`. */
export interface Recorder {
  enter(step: Step): void
  leave(): void
  step(step: Step): void
}

/** A step and what happened inside it. */
export type StepNode = { step: Step; steps: StepNode[] }

/** A recorder that keeps everything as a tree. */
export const recordTree = (): { recorder: Recorder; steps: StepNode[] } => {
  const steps: StepNode[] = []
  const open: StepNode[][] = [steps]
  const here = (): StepNode[] => open[open.length - 1] as StepNode[]
  return {
    steps,
    recorder: {
      enter(step) {
        const node: StepNode = { step, steps: [] }
        here().push(node)
        open.push(node.steps)
      },
      leave() {
        if (open.length > 1) open.pop()
      },
      step(step) {
        here().push({ step, steps: [] })
      },
    },
  }
}
