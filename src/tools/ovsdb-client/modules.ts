import { ofctlModules } from '../vlog/index.ts'

const notHere = new Set(['ofctl', 'pcap', 'vconn', 'vconn_stream'])

/** Modules whose levels `-v` sets. */
export const ovsdbClientModules: readonly string[] = [
  ...ofctlModules.filter(name => !notHere.has(name)),
  ...'ovsdb ovsdb_client ovsdb_file ovsdb_jsonrpc_server ovsdb_log ovsdb_monitor ovsdb_rbac ovsdb_util'.split(' '),
  ...'raft raft_rpc storage transaction transaction_forward trigger'.split(' '),
].sort()
