import type { Box } from './box.ts'
import type { ControllerClass } from './controller.ts'
import type { IntfClass } from './intf.ts'
import type { LinkClass } from './link.ts'
import type { NodeClass } from './node.ts'
import type { Level } from './output.ts'
import type { Switch, SwitchParams } from './switch.ts'
import type { Topo } from './topo.ts'

export type SwitchClass = new (box: Box, name: string, params?: SwitchParams) => Switch

/** What a network is made with, in Mininet's names. */
export type MininetOptions = {
  topo?: Topo<never[]> | undefined
  switch?: SwitchClass
  host?: NodeClass
  /** A class, or one for each of `c0`, `c1`…; null for none. */
  controller?: ControllerClass | null | readonly (ControllerClass | null)[]
  link?: LinkClass
  intf?: IntfClass | undefined
  /** Where the addresses of hosts begin. */
  ipBase?: string
  /** Switches and controllers in namespaces of their own. */
  inNamespace?: boolean
  /** MACs that are the addresses' numbers. */
  autoSetMacs?: boolean
  /** Every host knows the MAC of every other. */
  autoStaticArp?: boolean
  /** Hosts on cores by turns, with hosts that have a share of the processor. */
  autoPinCpus?: boolean
  /** The first switch's port for `ovs-ofctl`, the next one's the next. */
  listenPort?: number | undefined
  /** Waits for switches to find their controllers: for ever, or so many seconds. */
  waitConnected?: boolean | number
  /** Terminals of their own, which there are none of here. */
  xterms?: boolean
  /** What chance is made of; the same seed gives the same network, and the same bytes on it. */
  seed?: number
  /** How much is printed. */
  logLevel?: Level
  /** Where that goes; the program's stderr unless told otherwise. */
  print?: (text: string) => void
  /** The machine that it lives on; one of its own unless told otherwise. */
  box?: Box
}
