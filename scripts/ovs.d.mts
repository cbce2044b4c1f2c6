import type { Namespaces } from './namespaces.mjs'

/** Open vSwitch in a network namespace, with files of its own. */
export type OvsInNamespace = {
  /** Where its database, sockets and logs are: `OVS_RUNDIR` for its tools. */
  folder: string
  /** `ovs-vsctl`, its words in one text. */
  vsctl(words: string): string
  /** Ends the daemons and removes their files. */
  stop(): Promise<void>
}

export function ovsIn(net: Namespaces, name: string): OvsInNamespace
