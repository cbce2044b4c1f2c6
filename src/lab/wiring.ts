import type { CableOptions } from './cable.ts'
import type { Network } from './network.ts'

/** `10 Gbit/s`: the largest unit that gives a number of 1 or more. */
export const formatRate = (bits: number): string => scaled(bits, ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'])
/** `50 us`. */
export const formatDelay = (ns: number): string => scaled(ns, ['ns', 'us', 'ms', 's'])

const scaled = (value: number, units: readonly string[]): string => {
  let [scale, left] = [0, value]
  while (left >= 1000 && scale < units.length - 1) {
    left /= 1000
    scale++
  }
  return `${Number(left.toPrecision(4))} ${units[scale]}`
}

const properties = ({ bandwidth, delay, jitter, loss }: CableOptions): string => {
  const said: string[] = []
  if (bandwidth !== undefined) said.push(formatRate(bandwidth))
  if (delay !== undefined) said.push(formatDelay(delay))
  if (jitter !== undefined) said.push(`jitter ${formatDelay(jitter)}`)
  if (loss !== undefined) said.push(`loss ${Number((loss * 100).toPrecision(4))}%`)
  return said.length === 0 ? '' : ` (${said.join(', ')})`
}

/** A line for each cable: `hv1:eth0 <-> r1:eth0 (10 Gbit/s, 50 us)`. */
export const wiring = (network: Network): string => {
  const width = Math.max(0, ...network.cables.map(({ a }) => a.name.length))
  return network.cables
    .map(cable => {
      const state = cable.plugged ? '' : ' unplugged'
      return `${cable.a.name.padEnd(width)} <-> ${cable.b.name}${properties(cable.options)}${state}\n`
    })
    .join('')
}
