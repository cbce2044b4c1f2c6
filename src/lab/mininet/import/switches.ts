import type { Options, Topo } from '../topo.ts'

/** A datapath id for a switch whose name has no number: past those that names with numbers can have. */
export const dpidOf = (topo: Topo<never[]>, name: string): Options =>
  /\d/.test(name) ? {} : { dpid: (0x10000 + topo.switches().length).toString(16) }
