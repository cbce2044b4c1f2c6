import { type Errno, errnoText, type Link, type Namespace } from '../../../../host/index.ts'
import type { Words } from '../ip/words.ts'
import { Refusal } from '../refusal.ts'

/** One run of `bridge`, as its objects see it. */
export interface BridgeCall {
  readonly namespace: Namespace
  readonly words: Words
  readonly options: { statistics: boolean; details: boolean; json: boolean; pretty: boolean; oneline: boolean }
}

export const deviceNamed = (namespace: Namespace, name: string): Link => {
  const link = namespace.links.get(name)
  if (link === undefined) throw new Refusal(`Cannot find device "${name}"`, 255)
  return link
}

/** How `bridge` passes on what the kernel refuses. */
export const kernelSays = (errno: Errno): Refusal => new Refusal(`RTNETLINK answers: ${errnoText[errno]}`, 255)
