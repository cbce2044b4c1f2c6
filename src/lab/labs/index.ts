import type { Lab } from '../lab.ts'
import { bridge } from './bridge.ts'
import { mininet } from './mininet.ts'
import { namespaces } from './namespaces.ts'
import { openflow } from './openflow.ts'
import { segment } from './segment.ts'
import { taps } from './taps.ts'
import { twoHypervisors } from './two-hypervisors.ts'
import { vxlan } from './vxlan.ts'

export { segment, twoHypervisors }

/** All ready-made labs, the one that `weft lab` shows first. */
export const labs: readonly Lab[] = [twoHypervisors, segment, bridge, taps, openflow, mininet, vxlan, namespaces]

export const findLab = (name: string): Lab | undefined => labs.find(lab => lab.name === name)
