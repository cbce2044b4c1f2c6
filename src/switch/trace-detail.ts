/** What `ofproto/trace` says of decisions inside actions. */
import { fullMask } from '../flow/fields.ts'
import { formatPort } from '../flow/port-text.ts'
import type { Subfield } from '../openflow/action.ts'
import { formatFieldValue } from '../openflow/field-text.ts'
import { formatSubfield, isWhole } from '../openflow/subfield.ts'
import { formatIp, formatMac, isIp6 } from '../wire/address.ts'
import { formatHeard, formatMulticast, formatMulticastPort } from './snooping/detail.ts'
import { formatLearned, formatRunnables, type TraceNames } from './trace-parts.ts'
import { maxDepth, maxResubmits } from './translate/context.ts'
import { maxLabels } from './translate/mpls-labels.ts'
import type { Detail, Failure } from './translate/recorder.ts'

/** Why a translation was given up: what the last line says, and the remark where it happened. */
export const failures: { readonly [F in Failure]: { name: string; remark: string } } = {
  depth: { name: 'Recursion too deep', remark: `over max translation depth ${maxDepth}` },
  resubmits: { name: 'Too many resubmits', remark: `over ${maxResubmits} resubmit actions` },
  stack: { name: 'Stack too deep', remark: 'resubmits yielded over 64 kB of stack' },
  labels: { name: 'Too many MPLS labels', remark: '' },
  packet_type: { name: 'Unsupported packet type', remark: '' },
  bridge_gone: { name: 'Bridge not found', remark: 'Frozen bridge no longer exists.' },
  conflict: { name: 'Recirculation conflict', remark: 'Recirculation conflict (actions)!' },
  no_state: { name: 'No recirculation context', remark: '' },
}

const info = (text: string): string[] => [` -> ${text}`]
const warning = (text: string): string => ` >> ${text}`
const error = (text: string): string => ` >>>> ${text} <<<<`

/** Decisions inside an action, in Open vSwitch's words. */
export const formatDetail = (detail: Detail, names: TraceNames | undefined): string[] => {
  switch (detail.what) {
    case 'learned':
      return info(`learned that ${formatMac(detail.mac)} is on port ${detail.port} in VLAN ${detail.vlan}`)
    case 'no_header':
      return [warning(`unmet prerequisites for ${detail.field}, set_field ignored`)]
    case 'moved':
      return info(`${formatSubfield(detail.target)} is now ${formatValue(detail.target, detail.value)}`)
    case 'output_port':
      return info(`output port is ${detail.port}`)
    case 'protected':
      return [warning('Flow is between protected ports, skipping output.')]
    case 'mirror_port':
      return [error(`dropping packet received on port ${detail.port}, which is reserved exclusively for mirroring`)]
    case 'from_mirror_port':
      return [warning('input port is mirror output port, dropping')]
    case 'no_mac':
      return info('no learned MAC for destination, flooding')
    case 'forward':
      return info('forwarding to learned port')
    case 'learned_is_input':
      return info('learned port is input port, dropping')
    case 'reserved_mac':
      return info('packet has reserved destination MAC, dropping')
    case 'partial_vlan_tag':
      return [warning('partial VLAN tag, dropping')]
    case 'partial_vlan_tag_on':
      return [error(`dropping packet with partial VLAN tag received on port ${detail.port}`)]
    case 'unknown_port':
      return [error(`received packet on unknown port ${detail.ofport}`)]
    case 'no_input_port':
      return [warning('no input bundle, dropping')]
    case 'tagged_on_access':
      return [
        error(
          `dropping VLAN ${detail.vlan} tagged packet received on port ${detail.port} configured as VLAN ${detail.tag} access port`,
        ),
      ]
    case 'vlan_not_trunked':
      return [
        error(
          `dropping VLAN ${detail.vlan} packet received on port ${detail.port} not configured for trunking VLAN ${detail.vlan}`,
        ),
      ]
    case 'vlan_excluded':
      return [
        error(
          `dropping VLAN ${detail.vlan} packet received on dot1q-tunnel port ${detail.port} that excludes this VLAN`,
        ),
      ]
    case 'bad_vlan':
      return [warning('disallowed VLAN VID for this input port, dropping')]
    case 'no_trunc_for_mirror':
      return [warning('Mirror truncate to ODPP_NONE, skipping output')]
    case 'skip_input_port':
      return [warning('skipping output to input port')]
    case 'no_such_port':
      return [warning('Nonexistent output port')]
    case 'port_down':
      return [warning('port is down, skipping output')]
    case 'no_forward':
      return info('OFPPC_NO_FWD set, skipping output')
    case 'tree_stops':
      return [warning(`${detail.protocol} not in forwarding state, skipping output`)]
    case 'multicast':
      return info(formatMulticast(detail))
    case 'multicast_port':
      return info(formatMulticastPort(detail))
    case 'heard':
      return info(formatHeard(detail))
    case 'no_peer':
      return []
    case 'invalid_ttl':
      return [warning(`IPv${detail.version} decrement TTL exception`)]
    case 'tunnel':
      return info('output to kernel tunnel')
    case 'native_tunnel':
      return info('output to native tunnel')
    case 'no_tunnel_route':
      return [warning('native tunnel routing failed')]
    case 'tunnel_via':
      return info(`tunneling to ${formatIp(detail.ip)} via ${detail.bridge}`)
    case 'no_neighbour': {
      const request = isIp6(detail.ip) ? 'ND' : 'ARP'
      return info(
        `neighbor cache miss for ${formatIp(detail.ip)} on bridge ${detail.bridge}, sending ${request} request`,
      )
    }
    case 'tunnel_ends': {
      const { mac, source, to, ip } = detail
      return info(`tunneling from ${formatMac(mac)} ${formatIp(source)} to ${formatMac(to)} ${formatIp(ip)}`)
    }
    case 'tunnel_to_ourselves':
      return [warning('Not tunneling to our own address')]
    case 'tunnel_failed':
      return [warning(`Tunneling decided against output: ${detail.why}`)]
    case 'too_many_actions':
      return [error('resubmits yielded over 64 kB of actions')]
    case 'failed':
      return [error(failures[detail.failure].remark)]
    case 'not_ethernet':
      return [warning('Trying to send non-Ethernet packet through legacy L2 port. Dropping packet.')]
    case 'action_set': {
      const { verb, actions } = detail
      return info(
        actions.length === 0 ? `action set ${verb} empty` : `action set ${verb}: ${formatRunnables(actions, names)}`,
      )
    }
    case 'no_group':
      return [warning(`output to nonexistent group ${detail.group}`)]
    case 'no_live_bucket':
      return info('no live bucket')
    case 'bucket':
      return info(`using bucket ${detail.bucket}`)
    case 'bucket_down': {
      // Of groups, too, Open vSwitch says that they are ports.
      const watched = [detail.watchPort, detail.watchGroup].filter(one => one !== undefined)
      return info(`bucket ${detail.bucket}: not live due to ${watched.map(one => `port ${one}`).join(' and ')}`)
    }
    case 'score':
      return info(`bucket ${detail.bucket}: score ${detail.score}`)
    case 'queue':
      return info(`queue = ${alternateHex(detail.queue)}`)
    case 'stack_underflow':
      return [error('stack underflow')]
    case 'no_trunc':
      return [warning(`output_trunc does not support port: ${formatPort(detail.port)}`)]
    case 'no_trunc_to_patch':
      return [error(`output_trunc does not support patch port ${formatPort(detail.port)}`)]
    case 'too_many_labels':
      return [error(tooManyLabels(detail.action))]
    case 'mpls_ttl':
      return [warning('MPLS decrement TTL exception')]
    case 'nsh_ttl':
      return [warning('NSH decrement TTL exception')]
    case 'encap_refused':
      return [detail.remark]
    case 'deleted':
      return info(`delete ${detail.field}`)
    case 'not_learning':
      return [warning('suppressing side effects, so learn action ignored')]
    case 'learned_flow':
      return info(formatLearned(detail.flow, names))
    case 'learn_limit':
      return info('Limit exceeded, learn failed')
    case 'forked':
      return info(
        `A clone of the packet is forked to recirculate. The forked pipeline will be resumed at table ${detail.table}.`,
      )
    case 'untracked':
      return info('Sets the packet to an untracked state, and clears all the conntrack fields.')
    case 'no_connection':
      return [error('resubmit(ct) with non-tracked or non-IP packet!')]
    case 'resuming':
      return [`Resuming from table ${detail.table}`]
    case 'restored':
      return [`restored state: table=${detail.table}, cookie=${swappedHex(detail.cookie)}`]
    case 'restoring_set':
      return [`Restoring action set: ${formatRunnables(detail.actions, names)}`]
    case 'restoring_actions':
      return [`Restoring actions: ${formatRunnables(detail.actions, names)}`]
    case 'conjunction':
      return [error('executing no-op conjunction action')]
    case 'no_state':
      return [error(`Recirculation context not found for ID ${detail.id}`)]
  }
}

/** A whole field as `set_field` writes it, a part in hexadecimal. */
const formatValue = (bits: Subfield, value: bigint): string => {
  if (isWhole(bits)) return formatFieldValue(bits.field, value, fullMask(bits.field))
  return value === 0n ? '0' : `0x${value.toString(16)}`
}

const alternateHex = (value: number): string => (value === 0 ? '0' : `0x${value.toString(16)}`)

/** A cookie here is shown in the order of its bytes in a message, on a little-endian machine. */
const swappedHex = (cookie: bigint): string => {
  const bytes = new DataView(new ArrayBuffer(8))
  bytes.setBigUint64(0, cookie)
  const value = bytes.getBigUint64(0, true)
  return value === 0n ? '0' : `0x${value.toString(16)}`
}

const tooManyLabels = (action: 'push' | 'pop' | 'encap' | 'decap'): string => {
  const name = {
    push: 'an MPLS push action',
    pop: 'an MPLS pop action',
    encap: 'an encap MPLS action',
    decap: 'an MPLS decap',
  }
  const many = action === 'push' || action === 'encap' ? 'would have' : 'has'
  return `dropping packet on which ${name[action]} can't be performed as it ${many} more MPLS LSEs than the ${maxLabels} supported.`
}
