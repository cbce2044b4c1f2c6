import { word } from '../../flow/layout.ts'
import type { Run } from './context.ts'

/** `fin_timeout(…)`: when a connection ends, its flow is to go sooner. */
export const finTimeout: Run<'fin_timeout'> = (context, { idleTimeout, hardTimeout }) => {
  const { mask, rule, bridge } = context
  mask[word.ip] = mask[word.ip]! | 0xff
  if (rule !== undefined) context.effects.push({ type: 'fin', bridge, rule, idleTimeout, hardTimeout })
}
