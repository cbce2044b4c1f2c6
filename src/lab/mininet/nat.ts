import type { Box } from './box.ts'
import type { Intf } from './intf.ts'
import { Node, type NodeParams } from './node.ts'

export type NATParams = NodeParams & {
  /** The network behind it. */
  subnet?: string
  /** The interface that leads there, or its name; the first one unless told otherwise. */
  localIntf?: Intf | string | undefined
  /** Forgets rules that are there first. */
  flush?: boolean | number
}

/** A router that hides a network behind its own addresses, by rules of `iptables`. */
export class NAT extends Node {
  private readonly subnet: string
  private readonly flush: boolean
  private localIntf: Intf | string | undefined
  private forwarding = '0'
  private configured = false

  constructor(box: Box, name: string, params: NATParams = {}) {
    super(box, name, params)
    this.subnet = params.subnet ?? '10.0.0.0/8'
    this.localIntf = params.localIntf
    this.flush = params.flush === true || params.flush === 1
  }

  private iptables(...words: string[]): Promise<string> {
    return this.exec('iptables', ...words)
  }

  private rules(verb: '-D' | undefined): string[][] {
    const local = `${this.localIntf}`
    const { subnet } = this
    return [
      [verb ?? '-I', 'FORWARD', '-i', local, '-d', subnet, '-j', 'DROP'],
      [verb ?? '-A', 'FORWARD', '-i', local, '-s', subnet, '-j', 'ACCEPT'],
      [verb ?? '-A', 'FORWARD', '-o', local, '-d', subnet, '-j', 'ACCEPT'],
      ['-t', 'nat', verb ?? '-A', 'POSTROUTING', '-s', subnet, '!', '-d', subnet, '-j', 'MASQUERADE'],
    ]
  }

  override async config(params: NodeParams = {}): Promise<Record<string, unknown>> {
    this.localIntf ??= this.defaultIntf()
    const result = await super.config(params)
    this.forwarding = (await this.exec('sysctl', '-n', 'net.ipv4.ip_forward')).trim()
    if (this.flush) {
      await this.exec('sysctl', 'net.ipv4.ip_forward=0')
      const tables = [['-F'], ['-t', 'nat', '-F'], ['-P', 'INPUT', 'ACCEPT'], ['-P', 'OUTPUT', 'ACCEPT']]
      for (const words of [...tables, ['-P', 'FORWARD', 'DROP']]) await this.iptables(...words)
    }
    for (const words of this.rules(undefined)) {
      const said = await this.iptables(...words)
      if (said !== '') this.box.output.error(said)
    }
    await this.exec('sysctl', 'net.ipv4.ip_forward=1')
    this.configured = true
    return result
  }

  override async terminate(): Promise<void> {
    if (this.configured) {
      this.configured = false
      for (const words of this.rules('-D')) await this.iptables(...words)
      await this.exec('sysctl', `net.ipv4.ip_forward=${this.forwarding}`)
    }
    await super.terminate()
  }
}
