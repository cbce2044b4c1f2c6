import type { Lab } from '../lab.ts'
import { segment } from './segment.ts'
import { twoHypervisors } from './two-hypervisors.ts'

export { segment, twoHypervisors }

/** All ready-made labs, the one that `weft lab` shows first. */
export const labs: readonly Lab[] = [twoHypervisors, segment]

export const findLab = (name: string): Lab | undefined => labs.find(lab => lab.name === name)
