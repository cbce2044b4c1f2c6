/** Colours of flows as text (ovs-ofctl(8), `--color`): which pieces there are, and how each is shown. */

/** The kinds of pieces, by the key that OVS_COLORS has for each. All else is never coloured. */
export const styleKeys = {
  /** `actions=` */
  ac: 'actions',
  /** `drop` */
  dr: 'drop',
  /** `learn(` and its end */
  le: 'learn',
  /** The name of a field or of an argument. */
  pm: 'param',
  /** What has arguments in parentheses, and those. */
  pr: 'paren',
  /** What matters most: `table=`, `priority=`, `output:`, … */
  sp: 'special',
  /** A word that stands for itself: `tcp`. */
  vl: 'value',
} as const

export type StyleKey = keyof typeof styleKeys
export type Style = (typeof styleKeys)[StyleKey]

/** Gives a piece of text as it is to be shown. */
export type Paint = Readonly<Record<Style, (text: string) => string>> & {
  /** What stands behind every coloured piece. */
  readonly end: string
}

const paintOf = (end: string, style: (style: Style) => (text: string) => string): Paint => ({
  actions: style('actions'),
  drop: style('drop'),
  learn: style('learn'),
  param: style('param'),
  paren: style('paren'),
  special: style('special'),
  value: style('value'),
  end,
})

const asItIs = (text: string): string => text

/** Without colours. */
export const plain: Paint = paintOf('', () => asItIs)

/** With the SGR codes (ECMA-48 §8.3.117) of every kind; each piece also clears the line behind it, as grep's do. */
export const colored = (codes: Readonly<Record<Style, string>>): Paint => {
  const end = '\x1b[m\x1b[K'
  return paintOf(end, style => {
    const start = `\x1b[${codes[style]}m\x1b[K`
    return text => start + text + end
  })
}
