/** What must hold of every parser's result, whatever the bytes. Each gives what is wrong, or undefined. */
import type { Layer } from './layer.ts'
import type { Parsed } from './parsed.ts'

/** Layers lie side by side from the first byte to the last, within each other's limits, and all but data is read or refused. */
export const layersFault = (layers: readonly Layer[], start: number, end: number): string | undefined => {
  let at = start
  for (const { protocol, start: from, end: to, limit, value, bad } of layers) {
    if (from !== at || to < from || limit < to || limit > end)
      return `${protocol} ${from}..${to}..${limit} at ${at}..${end}`
    if (protocol === 'data' || protocol === 'padding') {
      if (value !== undefined || bad !== undefined) return `${protocol} with a value`
    } else if (value === undefined ? bad === undefined || bad === 'checksum' || to !== from : to === from)
      return `${protocol} neither read nor refused`
    at = to
  }
  return at === end ? undefined : `the layers end at ${at} of ${end}`
}

/** Offsets in what was parsed lie in its bytes, and in order. */
export const offsetsFault = (result: Parsed<unknown>, start: number, end: number): string | undefined => {
  if (!result.ok || typeof result.value !== 'object' || result.value === null) return undefined
  const { payload = start, end: last = end } = result.value as { payload?: number; end?: number }
  return start <= payload && payload <= last && last <= end
    ? undefined
    : `payload ${payload}..${last} of ${start}..${end}`
}

/** Whether two results are alike; made for speed, the fuzzer asks it of every input. */
export const same = (a: unknown, b: unknown): boolean => {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b)
  if (a instanceof Uint8Array) {
    if (!(b instanceof Uint8Array) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
    return true
  }
  if (a instanceof Map) return b instanceof Map && same([...a], [...b])
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  for (const key of keys)
    if (!same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])) return false
  return true
}
