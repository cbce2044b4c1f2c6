/** Actions of Open vSwitch that Weft knows by name only. */
const names = [
  'bundle',
  'bundle_load',
  'check_pkt_larger',
  'clear_actions',
  'clone',
  'conjunction',
  'ct',
  'ct_clear',
  'dec_mpls_ttl',
  'dec_nsh_ttl',
  'decap',
  'delete_field',
  'encap',
  'enqueue',
  'exit',
  'fin_timeout',
  'group',
  'learn',
  'meter',
  'multipath',
  'nat',
  'pop',
  'pop_mpls',
  'pop_queue',
  'push',
  'push_mpls',
  'sample',
  'set_mpls_label',
  'set_mpls_tc',
  'set_mpls_ttl',
  'set_queue',
  'write_actions',
]
const known: ReadonlySet<string> = new Set(names)

/** Why an action that Open vSwitch has is refused; undefined for a name that it does not have either. */
export const refusal = (name: string): string | undefined =>
  known.has(name) ? `action ${name} is not supported yet` : undefined
