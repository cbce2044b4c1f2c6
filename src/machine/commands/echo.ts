/** What bash's `echo` prints for its arguments: `-n`, `-e`, `-E`, and with `-e` the escapes of XSI. */
export const echoText = (args: readonly string[]): string => {
  let at = 0
  let newline = true
  let escapes = false
  for (; at < args.length && /^-[neE]+$/.test(args[at] as string); at++)
    for (const flag of (args[at] as string).slice(1)) {
      if (flag === 'n') newline = false
      else escapes = flag === 'e'
    }
  const text = args.slice(at).join(' ')
  if (!escapes) return newline ? `${text}\n` : text
  const done = unescaped(text, 'echo')
  return newline && !done.stop ? `${done.text}\n` : done.text
}

const simple: Record<string, string> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}

/**
 * Replaces backslash escapes. `echo` (and printf's `%b`) writes octal with a leading 0; a printf format without. `\c` stops.
 */
export const unescaped = (text: string, how: 'echo' | 'printf'): { text: string; stop: boolean } => {
  let out = ''
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string
    if (character !== '\\' || i + 1 >= text.length) {
      out += character
      continue
    }
    const rest = text.slice(i + 1, i + 10)
    if (rest.startsWith('c') && how === 'echo') return { text: out, stop: true }
    const octal = how === 'echo' ? /^0([0-7]{0,3})/.exec(rest) : /^([0-7]{1,3})/.exec(rest)
    const hex = /^(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8}))/.exec(rest)
    if (octal !== null) {
      out += String.fromCodePoint(Number.parseInt(octal[1] || '0', 8) & 255)
      i += octal[0].length
    } else if (hex !== null) {
      const code = Number.parseInt((hex[1] ?? hex[2] ?? hex[3]) as string, 16)
      out += String.fromCodePoint(Math.min(code, 0x10ffff))
      i += hex[0].length
    } else {
      const known =
        simple[rest[0] as string] ?? (how === 'printf' && (rest[0] === '"' || rest[0] === "'") ? rest[0] : undefined)
      out += known ?? `\\${rest[0]}`
      i++
    }
  }
  return { text: out, stop: false }
}
