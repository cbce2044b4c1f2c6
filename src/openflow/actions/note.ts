import type { ActionFormatter, ActionParsers } from './codec.ts'

/** Bytes that do nothing: `note:01.02.03`, dots as you like. On the wire they are filled with zeros to 6, 14, 22, … */
export const noteParsers: ActionParsers = {
  note: argument => {
    const bytes: number[] = []
    let at = 0
    while (at < argument.length) {
      if (argument[at] === '.') at++
      if (at >= argument.length) break
      const pair = argument.slice(at, at + 2)
      if (!/^[0-9a-fA-F]{2}$/.test(pair)) return "bad hex digit in `note' argument"
      bytes.push(Number.parseInt(pair, 16))
      at += 2
    }
    while (bytes.length % 8 !== 6) bytes.push(0)
    return { type: 'note', bytes }
  },
}

export const formatNote: ActionFormatter<'note'> = ({ bytes }) =>
  `note:${bytes.map(byte => byte.toString(16).padStart(2, '0')).join('.')}`
