import { printReal } from './json-text.ts'

export type AtomType = 'string' | 'integer' | 'real' | 'boolean' | 'uuid'

/** One value. A UUID is its text in lower case; an integer is a bigint where a number would not be exact, only there. */
export type Atom = string | number | bigint | boolean

export const zeroUuid = '00000000-0000-0000-0000-000000000000'

const uuidForm = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/

export const isUuid = (text: string): boolean => uuidForm.test(text)

/** The `<id>` of RFC 7047 §3.1: names of tables, columns, locks and new rows. */
export const isId = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)

/** Negative, 0 or positive; both of one type. Strings compare by the bytes of their UTF-8. */
export const compareAtoms = (a: Atom, b: Atom): number => {
  if (a === b) return 0
  if (typeof a !== 'string' || typeof b !== 'string') return a < b ? -1 : a > b ? 1 : 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

/** UTF-16 puts what needs two units below U+E000, UTF-8 above. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit)

/** What a new row has where nobody gave a value: RFC 7047 §5.2.1. */
export const defaultAtom = (type: AtomType): Atom =>
  type === 'uuid' ? zeroUuid : type === 'string' ? '' : type === 'boolean' ? false : 0

const bareForm = /^[A-Za-z_][A-Za-z0-9_.-]*$/

/** As tools and error messages print one value: strings in quotes unless they look like a plain word. */
export const formatAtom = (atom: Atom, type: AtomType): string => {
  if (type === 'real') return printReal(Number(atom))
  if (type !== 'string') return String(atom)
  const text = String(atom)
  return bareForm.test(text) && text !== 'true' && text !== 'false' && !isUuid(text) ? text : JSON.stringify(text)
}
