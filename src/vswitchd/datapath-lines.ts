/** What the log says when the first bridge opens a datapath, and what it can do, in the words of ovs-vswitchd 3.1. */
import type { Log } from '../runtime/log.ts'

const features = [
  'Datapath supports recirculation',
  'VLAN header stack length probed as 1',
  'MPLS label stack length probed as 3',
  'Datapath supports truncate action',
  'Datapath supports unique flow ids',
  'Datapath supports clone action',
  'Max sample nesting level probed as 10',
  'Datapath supports eventmask in conntrack action',
  'Datapath supports ct_clear action',
  'Max dp_hash algorithm probed to be 1',
  'Datapath supports check_pkt_len action',
  'Datapath supports timeout policy in conntrack action',
  'Datapath supports ct_zero_snat',
  'Datapath supports add_mpls action',
  'Datapath supports ct_state',
  'Datapath supports ct_zone',
  'Datapath supports ct_mark',
  'Datapath supports ct_label',
  'Datapath supports ct_state_nat',
  'Datapath supports ct_orig_tuple',
  'Datapath supports ct_orig_tuple6',
  'Datapath supports IPv6 ND Extensions',
]

const pollers = [
  'pmd-rxq-affinity isolates PMD core',
  'PMD auto load balance interval set to 1 mins',
  'PMD auto load balance improvement threshold set to 25%',
  'PMD auto load balance load threshold set to 95%',
  'PMD auto load balance is disabled.',
]
const sleepers = ['PMD max sleep request is 0 usecs.', 'PMD load based sleeps are disabled.']

/** `isFirst`: no datapath was opened before. */
export const sayOpened = (log: Log, name: string, isFirst: boolean, cores: number): void => {
  log('dpif_netdev_extract', 'info', 'Default MFEX Extract implementation is scalar.')
  if (isFirst) log('dpif_netdev_impl', 'info', 'Default DPIF implementation is dpif_scalar.')
  for (const text of features) log('ofproto_dpif', 'info', `${name}: ${text}`)
  const threads = Math.max(cores, 2)
  const revalidators = Math.floor(threads / 4) + 1
  const handlers = Math.max(threads - revalidators, 1)
  const counts = `n-handler-threads to ${handlers}, setting n-revalidator-threads to ${revalidators}`
  log('ofproto_dpif_upcall', 'info', `Setting ${counts}`)
  log('ofproto_dpif_upcall', 'info', `Starting ${handlers + revalidators} threads`)
  for (const text of isFirst ? [...pollers, ...sleepers] : pollers) log('dpif_netdev', 'info', text)
}
