/** The network half of a machine: what the network commands configure. */
export type { Kernel, Namespace } from '../host/index.ts'
