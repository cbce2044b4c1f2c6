/** What `ip -j` prints: objects whose keys are in order. */
export type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json | undefined }

/** A list as `ip -j` prints it, on one line; with `pretty` as `ip -j -p` does. Ends in a line end. */
export const jsonList = (list: readonly Json[], pretty: boolean): string =>
  `${pretty ? prettyJson(list, 1) : JSON.stringify(list)}\n`

const prettyJson = (value: Json, depth: number): string => {
  if (typeof value !== 'object') return JSON.stringify(value)
  if (isList(value)) {
    const flat = value.every(item => typeof item !== 'object')
    return value.length === 0 ? '[ ]' : `[ ${value.map(item => prettyJson(item, flat ? depth : depth + 1)).join(',')} ]`
  }
  const inner = '    '.repeat(depth)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  if (entries.length === 0) return `{\n${'    '.repeat(depth - 1)}}`
  const lines = entries.map(([key, item]) => `${inner}${JSON.stringify(key)}: ${prettyJson(item as Json, depth + 1)}`)
  return `{\n${lines.join(',\n')}\n${'    '.repeat(depth - 1)}}`
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)
