import type { ControllerHost } from '../tools/index.ts'
import { awaited, closeIt } from './awaited.ts'
import { listenRemote, openRemote } from './openflow-sockets.ts'
import type { Enter } from './socket-duplex.ts'

/** How a controller on this machine and its switches meet. */
export const controllerHost = (enter: Enter): ControllerHost => ({
  listen: (target, accept, tls) => awaited(enter, () => listenRemote(target, enter, accept, tls), closeIt),
  dial: (target, tls) => awaited(enter, () => openRemote(target, enter, { tls }), closeIt),
})
