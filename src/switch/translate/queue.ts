import { word } from '../../flow/layout.ts'
import { OfPort } from '../../openflow/action.ts'
import { type Context, type Run, record } from './context.ts'
import { sendToPort } from './send.ts'

/** `set_queue`: what is sent from here on goes into a queue. */
export const setQueue: Run<'set_queue'> = (context, { queue }) => {
  lookAtPriority(context)
  context.flow[word.skbPriority] = queue
}

/** `pop_queue`: into the queue that the frame came with. */
export const popQueue: Run<'pop_queue'> = context => {
  lookAtPriority(context)
  const { flow, asked } = context
  if (flow[word.skbPriority] === asked[word.skbPriority]) return
  flow[word.skbPriority] = asked[word.skbPriority]!
  record(context, { kind: 'detail', detail: { what: 'queue', queue: asked[word.skbPriority]! } })
}

/** `enqueue`: out of a port by one of its queues. */
export const enqueue: Run<'enqueue'> = (context, { port, queue }, { last }) => {
  lookAtPriority(context)
  const { flow } = context
  const inPort = flow[word.inPort]!
  if (port === inPort) return
  const before = flow[word.skbPriority]!
  flow[word.skbPriority] = queue
  sendToPort(context, port === OfPort.inPort ? inPort : port, last)
  flow[word.skbPriority] = before
}

const lookAtPriority = ({ mask }: Context): void => {
  mask[word.skbPriority] = 0xffffffff
}
