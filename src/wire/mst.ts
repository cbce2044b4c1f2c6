/**
 * Multiple spanning trees (IEEE 802.1Q-2018 §14.4): what version 3 writes behind a rapid message. A region is bridges that
 * give VLANs to the same trees; one tree of all, and one for each instance.
 */
import { header, u8, u16, u32, u64 } from './header.ts'

/** Behind the two bytes of the length; instances follow. */
export const MstHeader = header('MST', 64, {
  selector: [0, u8],
  revision: [33, u16],
  internalCost: [51, u32],
  bridge: [55, u64],
  hops: [63, u8],
})
export const MstInstanceHeader = header('MSTI', 16, {
  flags: [0, u8],
  regionalRoot: [1, u64],
  cost: [9, u32],
  bridgePriority: [13, u8],
  portPriority: [14, u8],
  hops: [15, u8],
})
const [nameAt, nameSize, digestAt, digestSize] = [1, 32, 35, 16]

/** `regionalRoot` has the instance's number in the lower 12 bits of its priority; priorities are in the upper 4 bits. */
export type MstInstance = {
  flags: number
  regionalRoot: bigint
  cost: number
  bridgePriority: number
  portPriority: number
  hops: number
}

/** `name` is 32 bytes, filled up with zeros; `digest` 16 bytes that tell which VLAN belongs to which instance. */
export type Mst = {
  selector: number
  name: Uint8Array
  revision: number
  digest: Uint8Array
  internalCost: number
  bridge: bigint
  hops: number
  instances: MstInstance[]
}

/** Bytes with the length in front. */
export const mstSize = ({ instances }: Mst): number => 2 + MstHeader.size + MstInstanceHeader.size * instances.length

/** What stands from `start` on, its length first; undefined if that is none, or more than there is. */
export const readMst = (bytes: Uint8Array, start: number, end: number): Mst | undefined => {
  const at = start + 2
  if (at > end) return undefined
  const length = u16.get(bytes, start)
  const rest = length - MstHeader.size
  if (rest < 0 || rest % MstInstanceHeader.size !== 0 || at + length > end) return undefined
  const instances: MstInstance[] = []
  for (let from = at + MstHeader.size; from < at + length; from += MstInstanceHeader.size)
    instances.push(MstInstanceHeader.read(bytes, from) as MstInstance)
  return {
    selector: MstHeader.at.selector(bytes, at),
    name: bytes.slice(at + nameAt, at + nameAt + nameSize),
    revision: MstHeader.at.revision(bytes, at),
    digest: bytes.slice(at + digestAt, at + digestAt + digestSize),
    internalCost: MstHeader.at.internalCost(bytes, at),
    bridge: MstHeader.at.bridge(bytes, at),
    hops: MstHeader.at.hops(bytes, at),
    instances,
  }
}

export const writeMst = (bytes: Uint8Array, start: number, mst: Mst): void => {
  const at = start + 2
  u16.set(bytes, start, mstSize(mst) - 2)
  MstHeader.write(bytes, at, mst)
  bytes.set(mst.name.subarray(0, nameSize), at + nameAt)
  bytes.set(mst.digest.subarray(0, digestSize), at + digestAt)
  for (const [i, instance] of mst.instances.entries())
    MstInstanceHeader.write(bytes, at + MstHeader.size + i * MstInstanceHeader.size, instance)
}
