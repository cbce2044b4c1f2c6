import { second } from '../../runtime/index.ts'
import type { Settings } from '../settings.ts'
import { type Congestion, Reno } from './congestion.ts'
import { Cubic } from './cubic.ts'

/** What sysctl and socket options say to a connection. Times in nanoseconds, sizes in bytes. */
export type TcpConfig = {
  timestamps: boolean
  selective: boolean
  scaling: boolean
  congestion: Settings['congestion']
  synRetries: number
  synAckRetries: number
  retries: number
  orphanRetries: number
  finTimeout: number
  keepIdle: number
  keepInterval: number
  keepCount: number
  /** At first and at most; the window is half of it, as in Linux. */
  receiveSpace: readonly [number, number]
  sendSpace: readonly [number, number]
}

/** What a namespace's sysctl says now. */
export const tcpConfig = (settings: Settings): TcpConfig => {
  const orphan = settings.value('net.ipv4.tcp_orphan_retries')
  return {
    timestamps: settings.value('net.ipv4.tcp_timestamps') !== 0,
    selective: settings.value('net.ipv4.tcp_sack') !== 0,
    scaling: settings.value('net.ipv4.tcp_window_scaling') !== 0,
    congestion: settings.congestion,
    synRetries: settings.value('net.ipv4.tcp_syn_retries'),
    synAckRetries: settings.value('net.ipv4.tcp_synack_retries'),
    retries: settings.value('net.ipv4.tcp_retries2'),
    orphanRetries: orphan === 0 ? 8 : orphan,
    finTimeout: settings.value('net.ipv4.tcp_fin_timeout') * second,
    keepIdle: settings.value('net.ipv4.tcp_keepalive_time') * second,
    keepInterval: settings.value('net.ipv4.tcp_keepalive_intvl') * second,
    keepCount: settings.value('net.ipv4.tcp_keepalive_probes'),
    receiveSpace: [settings.tcpReceive[1], settings.tcpReceive[2]],
    sendSpace: [settings.tcpSend[1], settings.tcpSend[2]],
  }
}

export const makeCongestion = (name: TcpConfig['congestion'], segment: number): Congestion =>
  name === 'reno' ? new Reno(segment) : new Cubic(segment)
