/** Log lines of a tool on stderr, as those of Open vSwitch's own library (ovs-appctl(8), "vlog"). */
import type { Warn } from '../../openflow/index.ts'
import { type Connect, logLine } from '../program.ts'

/** From the gravest; `off` shows none. */
const levels = ['off', 'emer', 'err', 'warn', 'info', 'dbg'] as const
export type LogLevel = (typeof levels)[number]

/** Only the console is written to; levels of the others are taken and change nothing. */
const destinations = new Set(['console', 'syslog', 'file'])

export type LogSettings = { common: LogLevel; modules: Map<string, LogLevel> }
export const newLogSettings = (): LogSettings => ({ common: 'info', modules: new Map() })

const isLevel = (word: string): word is LogLevel => (levels as readonly string[]).includes(word)

/** Takes `-v[SPEC]`: words for a module, a destination and a level in any order; a text is what is wrong. */
export const setLogLevels = (settings: LogSettings, spec: string | undefined): string | undefined => {
  if (spec === undefined) {
    settings.common = 'dbg'
    settings.modules.clear()
    return undefined
  }
  if (/^PATTERN:|^FACILITY:/i.test(spec)) return undefined
  let level: LogLevel = 'dbg'
  let module: string | undefined
  let destination: string | undefined
  for (const whole of spec.split(/[ :,]+/).filter(word => word !== '')) {
    const word = whole.toLowerCase()
    if (isLevel(word)) level = word
    else if (destinations.has(word)) destination = word
    else if (word === 'any') continue
    else if (knownModules.has(word.replaceAll('-', '_'))) module = word.replaceAll('-', '_')
    else return `no destination, level, or module "${whole}"`
  }
  if (destination !== undefined && destination !== 'console') return undefined
  if (module === undefined) {
    settings.common = level
    settings.modules.clear()
  } else settings.modules.set(module, level)
  return undefined
}

export type Log = {
  /** Lines that wait to be printed, oldest first. */
  readonly lines: string[]
  /** A line of level WARN, unless said otherwise. */
  readonly warn: Warn
  add(module: string, level: LogLevel, text: string): void
  /** Whether lines of this level are shown. */
  shows(module: string, level: LogLevel): boolean
}

export const newLog = (connect: Pick<Connect, 'wallTime'>, settings: LogSettings): Log => {
  const lines: string[] = []
  let count = 0
  const shows = (module: string, level: LogLevel): boolean =>
    levels.indexOf(level) <= levels.indexOf(settings.modules.get(module) ?? settings.common)
  const add = (module: string, level: LogLevel, text: string): void => {
    if (shows(module, level)) lines.push(logLine(connect.wallTime(), ++count, module, level.toUpperCase(), text))
  }
  return {
    lines,
    shows,
    add,
    warn: (module, text, level = 'WARN') => add(module, level.toLowerCase() as LogLevel, text),
  }
}

/** `ovs-appctl -t ovs-ofctl vlog/list`: the modules of ovs-ofctl 3.1. */
const knownModules = new Set(
  (
    'bundle command_line conntrack conntrack_tp coverage ct_dpif daemon daemon_unix dns_resolve dpdk dpif ' +
    'dpif_lookup_autovalidator dpif_lookup_generic dpif_mfex_extract_study dpif_netdev ' +
    'dpif_netdev_extract dpif_netdev_impl dpif_netdev_lookup dpif_netlink dpif_netlink_rtnl entropy ' +
    'fatal_signal flow hmap ipf jsonrpc lockfile meta_flow native_tnl netdev netdev_afxdp netdev_linux ' +
    'netdev_offload netdev_offload_tc netdev_vport netlink netlink_conntrack netlink_notifier ' +
    'netlink_socket nx_match odp_execute odp_execute_impl odp_util ofctl ofp_actions ofp_bundle ' +
    'ofp_connection ofp_errors ofp_flow ofp_group ofp_match ofp_meter ofp_monitor ofp_msgs ofp_packet ' +
    'ofp_port ofp_protocol ofp_queue ofp_table ofp_util ovs_numa ovs_rcu ovs_replay ovs_router ovs_thread ' +
    'ovsdb_cs ovsdb_error ovsdb_idl ox_stat pcap pmd_perf poll_loop process reconnect route_table sha1 ' +
    'signals socket_util socket_util_unix stream stream_fd stream_replay stream_ssl stream_tcp ' +
    'stream_unix svec tc timeval unixctl userspace_tso util uuid vconn vconn_stream vlog'
  ).split(' '),
)
