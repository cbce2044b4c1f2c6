/** All actions. A new one is a file in this folder and a line here. */
import type { OfAction } from '../action.ts'
import { bundle } from './bundle.ts'
import { checkPktLarger } from './check-pkt-larger.ts'
import { clone } from './clone.ts'
import type { ActionKind, AnyKind } from './codec.ts'
import { conjunction } from './conjunction.ts'
import { controller } from './controller.ts'
import { ct } from './ct.ts'
import { ctClear } from './ct-clear.ts'
import { debugRecirc, debugSlow } from './debug.ts'
import { decNshTtl } from './dec-nsh-ttl.ts'
import { decap } from './decap.ts'
import { deleteField } from './delete-field.ts'
import { encap } from './encap.ts'
import { enqueue } from './enqueue.ts'
import { exit } from './exit.ts'
import { finTimeout } from './fin-timeout.ts'
import { group } from './group.ts'
import { clearActions, gotoTable, meter, writeActions, writeMetadata } from './instructions.ts'
import { learn } from './learn.ts'
import { load, move } from './load-move.ts'
import { setTransport } from './mod.ts'
import { decMplsTtl, popMpls, pushMpls, setMplsLabel, setMplsTc, setMplsTtl } from './mpls.ts'
import { multipath } from './multipath.ts'
import { nat } from './nat.ts'
import { note } from './note.ts'
import { output } from './output.ts'
import { outputReg } from './output-reg.ts'
import { outputTrunc } from './output-trunc.ts'
import { popQueue, setQueue } from './queue.ts'
import { resubmit } from './resubmit.ts'
import { sample } from './sample.ts'
import { setField } from './set-field.ts'
import { pop, push } from './stack.ts'
import { decTtl } from './ttl.ts'
import { pushVlan, setVlanPcp, setVlanVid, stripVlan } from './vlan.ts'

export const kinds: readonly AnyKind[] = [
  output,
  outputReg,
  outputTrunc,
  controller,
  group,
  enqueue,
  setQueue,
  popQueue,
  setField,
  setTransport,
  load,
  move,
  push,
  pop,
  setVlanVid,
  setVlanPcp,
  stripVlan,
  pushVlan,
  pushMpls,
  popMpls,
  setMplsLabel,
  setMplsTc,
  setMplsTtl,
  decMplsTtl,
  decTtl,
  resubmit,
  note,
  exit,
  finTimeout,
  sample,
  bundle,
  multipath,
  learn,
  conjunction,
  clone,
  ct,
  nat,
  ctClear,
  checkPktLarger,
  deleteField,
  encap,
  decap,
  decNshTtl,
  debugRecirc,
  debugSlow,
  meter,
  clearActions,
  writeActions,
  writeMetadata,
  gotoTable,
]

/** Kinds by their type. */
export const kindsByType: { readonly [T in OfAction['type']]?: ActionKind<T> } = Object.fromEntries(
  kinds.map(kind => [kind.type, kind]),
)
