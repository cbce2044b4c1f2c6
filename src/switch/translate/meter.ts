import { put, type Run } from './context.ts'

/** `meter`: the datapath drops what is too much. One that is not there lets everything through. */
export const meter: Run<'meter'> = (context, { meter: id }) => {
  const number = context.bridge.meter(id)?.number
  if (number !== undefined) put(context, { type: 'meter', meter: number })
}
