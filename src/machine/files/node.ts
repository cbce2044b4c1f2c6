import type { Namespace } from '../network.ts'
import type { Errno } from './errno.ts'

/** Who looks: relative paths start at `cwd`, /proc/net shows `namespace`. Every process is one. */
export interface Viewer {
  readonly cwd: string
  readonly namespace: Namespace
  readonly pid: number
  /** What is mounted for this one: what it finds in place of a directory. Without, what all others find. */
  readonly mounts?: ReadonlyMap<Directory, Directory> | undefined
}

/** What a name in the tree stands for. `changed` is the time of the last change, in nanoseconds of the machine's clock. */
export type Node = Directory | Regular | Virtual | Link | Device
type Common = { mode: number; changed: number }

export type Directory = Common & { kind: 'directory'; entries: Map<string, Node> }
/** Bytes in memory. The first `size` bytes of `bytes` are the file; the rest is room to grow. */
export type Regular = Common & { kind: 'file'; bytes: Uint8Array; size: number }
/**
 * A file whose text is made when it is read, as those of /proc, and whose writer is a function. `program` names the
 * command that runs when the file is executed.
 */
export type Virtual = Common & {
  kind: 'virtual'
  read: (viewer: Viewer) => string
  write?: (text: string, viewer: Viewer) => Errno | undefined
  program?: string
}
export type Link = Common & { kind: 'link'; target: string }
/** /dev/null takes everything and gives nothing. */
export type Device = Common & { kind: 'device'; device: 'null' }

/** Makes a virtual file: `read` gives its text each time, `write` takes what a user writes (without it, read-only). */
export const virtual = (read: Virtual['read'], write?: Virtual['write']): Virtual => ({
  kind: 'virtual',
  mode: write === undefined ? 0o444 : 0o644,
  changed: 0,
  read,
  ...(write === undefined ? {} : { write }),
})

/** The size that `ls -l` and `wc -c` see. Virtual files are of size 0, as those of /proc are. */
export const sizeOf = (node: Node): number =>
  node.kind === 'file' ? node.size : node.kind === 'directory' ? 4096 : node.kind === 'link' ? node.target.length : 0
