/** `name,arg,key=value` as Mininet reads it: numbers become numbers. */
export type Words = { name: string; args: (string | number)[]; named: Record<string, string | number> }

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

const wordValue = (text: string): string | number => (number.test(text.trim()) ? Number(text) : text)

/** Splits `tree,depth=2,fanout=3`. */
export const splitArgs = (text: string): Words => {
  const [name = '', ...rest] = text.split(',')
  const words: Words = { name, args: [], named: {} }
  for (const word of rest) {
    const equals = word.indexOf('=')
    if (equals < 0) words.args.push(wordValue(word))
    else words.named[word.slice(0, equals)] = wordValue(word.slice(equals + 1))
  }
  return words
}

/** A choice that is not there, in Mininet's words. */
export const unknownChoice = (name: string, choices: object): Error =>
  new Error(`error: ${name} is unknown - please specify one of ${keysText(choices)}`)

/** `dict_keys(['a', 'b'])`. */
export const keysText = (choices: object): string =>
  `dict_keys([${Object.keys(choices)
    .map(key => `'${key}'`)
    .join(', ')}])`

/** A class of nodes or links: its last parameter is the object of named ones. */
type Class = new (...args: never[]) => object
type WithParams = { readonly params?: readonly string[] }

/** `{'datapath': 'user'}`, as Python writes a dict. */
const dictText = (named: Readonly<Record<string, unknown>>): string =>
  `{${Object.entries(named)
    .map(([key, value]) => `'${key}': ${typeof value === 'string' ? `'${value}'` : value}`)
    .join(', ')}}`

/**
 * A class whose named parameters have other defaults, called as Mininet calls it: `OVSSwitch{'datapath': 'user'}`. What stands
 * before the named parameters (a box and a name, two nodes) is two arguments in all of them.
 */
export const specialClass = <C extends Class>(base: C, defaults: Readonly<Record<string, unknown>>): C => {
  const special = class extends (base as unknown as new (...args: unknown[]) => object) {
    constructor(one: unknown, other: unknown, params: object = {}) {
      const given = Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined))
      super(one, other, { ...defaults, ...given })
    }
  }
  Object.defineProperty(special, 'name', { value: `${base.name}${dictText(defaults)}` })
  return special as unknown as C
}

/** The class that `ovs,datapath=user` names among the choices. Words without a name are those that the class lists in `params`. */
export const customClass = <C extends Class>(choices: Readonly<Record<string, C | null>>, text: string): C | null => {
  const { name, args, named } = splitArgs(text)
  const found = Object.hasOwn(choices, name) ? choices[name] : undefined
  if (found === undefined) throw unknownChoice(name, choices)
  if (found === null || (args.length === 0 && Object.keys(named).length === 0)) return found
  return specialClass(found, { ...positional(found as WithParams, name, args), ...named })
}

const positional = ({ params = [] }: WithParams, name: string, args: readonly unknown[]): Record<string, unknown> => {
  if (args.length > params.length)
    throw new TypeError(`${name} takes ${params.length} words without a name, not ${args.length}`)
  return Object.fromEntries(args.map((value, i) => [params[i] as string, value]))
}

/** Calls what makes a topology, or a test, with the words of the command line: those with a name by the names in `params`, or as a last object. */
export const argumentsOf = ({ name, args, named }: Words, { params }: WithParams): unknown[] => {
  const keys = Object.keys(named)
  if (params === undefined) return keys.length === 0 ? args : [...args, named]
  const all: unknown[] = [...args]
  if (args.length > params.length) throw new TypeError(`${name} takes ${params.length} arguments, not ${args.length}`)
  for (const key of keys) {
    const at = params.indexOf(key)
    if (at < 0) throw new TypeError(`${name} got an unexpected keyword argument '${key}'`)
    if (at < args.length) throw new TypeError(`${name} got multiple values for argument '${key}'`)
    all[at] = named[key]
  }
  return all
}
