import type { Commands } from '../../command.ts'
import { baseCommands } from '../index.ts'
import { arping } from './arping.ts'
import { brctl } from './bridge/brctl.ts'
import { bridge } from './bridge/bridge.ts'
import { vconfig } from './bridge/vconfig.ts'
import { dhclient } from './dhcp/dhclient.ts'
import { dig } from './dns/dig.ts'
import { hostCommand } from './dns/host-command.ts'
import { nslookup } from './dns/nslookup.ts'
import { dnsmasq } from './dnsmasq/dnsmasq.ts'
import { ethtool } from './ethtool/ethtool.ts'
import { ip } from './ip/ip.ts'
import { iperf } from './iperf/iperf.ts'
import { iperf3 } from './iperf3/iperf3.ts'
import { iptables } from './iptables.ts'
import { nc } from './nc/nc.ts'
import { arp } from './nettools/arp.ts'
import { ifconfig } from './nettools/ifconfig.ts'
import { netstat } from './nettools/netstat.ts'
import { route } from './nettools/route.ts'
import { ping } from './ping/ping.ts'
import { ss } from './ss/ss.ts'
import { sysctl } from './sysctl.ts'
import { tc } from './tc/tc.ts'
import { tcpdump } from './tcpdump/tcpdump.ts'
import { tracepath } from './traceroute/tracepath.ts'
import { traceroute } from './traceroute/traceroute.ts'
import { curl } from './web/curl.ts'
import { python3 } from './web/server.ts'
import { wget } from './web/wget.ts'

/** The programs of a machine that deal with its network. */
export const netCommands: Commands = {
  arp,
  arping,
  brctl,
  bridge,
  curl,
  dhclient,
  dig,
  dnsmasq,
  ethtool,
  host: hostCommand,
  ifconfig,
  ip,
  iperf,
  iperf3,
  iptables,
  nc,
  netcat: nc,
  netstat,
  nslookup,
  ping,
  ping6: ping,
  python3,
  route,
  ss,
  sysctl,
  tc,
  tcpdump,
  tracepath,
  traceroute,
  vconfig,
  wget,
}

/** All programs of a machine without Open vSwitch. */
export const commands: Commands = { ...baseCommands, ...netCommands }
