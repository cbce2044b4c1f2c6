import {
  deviceGroupsText,
  deviceText,
  ifInet6Text,
  igmp6Text,
  igmpText,
  netstatText,
  snmp6Text,
  snmpText,
  tcp6Text,
  tcpText,
  udp6Text,
  udpText,
} from '../../../host/index.ts'
import type { FileSystem } from '../../files/file-system.ts'
import { type Viewer, virtual } from '../../files/node.ts'
import type { Namespace } from '../../network.ts'

const texts: Record<string, (namespace: Namespace) => string> = {
  dev: deviceText,
  dev_mcast: deviceGroupsText,
  if_inet6: ifInet6Text,
  igmp: igmpText,
  igmp6: igmp6Text,
  netstat: netstatText,
  snmp: snmpText,
  snmp6: snmp6Text,
  tcp: tcpText,
  tcp6: tcp6Text,
  udp: udpText,
  udp6: udp6Text,
}

/** /proc/net: the counters of the namespace of whoever reads. */
export const addCounterFiles = (files: FileSystem, init: Viewer): void => {
  files.mkdirAll(init, '/proc/net')
  for (const [name, text] of Object.entries(texts))
    files.add(
      init,
      `/proc/net/${name}`,
      virtual(({ namespace }) => text(namespace)),
    )
}
