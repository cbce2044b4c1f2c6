import type { RstpOptions, RstpPortOptions } from './rstp/settings.ts'
import type { StpOptions, StpPortOptions } from './stp/settings.ts'

/** Which spanning tree a bridge has. With both, it is the rapid one. */
export type TreeOptions = { stp?: StpOptions | undefined; rstp?: RstpOptions | undefined }

/** What the Port table says of both. */
export type TreePortOptions = { stp?: StpPortOptions | undefined; rstp?: RstpPortOptions | undefined }
