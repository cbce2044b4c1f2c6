import { Refusal } from '../refusal.ts'

/** The words of a command line, taken one after the other. */
export class Words {
  private readonly words: readonly string[]
  private at = 0

  constructor(words: readonly string[]) {
    this.words = words
  }

  /** The next word, which stays; undefined at the end. */
  get peek(): string | undefined {
    return this.words[this.at]
  }

  /** Takes the next word; undefined at the end. */
  next(): string | undefined {
    return this.words[this.at++]
  }

  /** Takes the next word, which must be there. */
  need(): string {
    const word = this.next()
    if (word === undefined) throw new Refusal('Command line is not complete. Try option "help"', 255)
    return word
  }

  /** All that is left, which stays. */
  ahead(): readonly string[] {
    return this.words.slice(this.at)
  }

  /** Takes all that is left. */
  rest(): string[] {
    const rest = this.words.slice(this.at)
    this.at = this.words.length
    return rest
  }
}

/** The first of `names` that a word abbreviates, as iproute2 reads most of its words; undefined if there is none. */
export const abbreviated = <Name extends string>(word: string, names: readonly Name[]): Name | undefined =>
  names.find(name => name.startsWith(word))

/** `Error: argument "abc" is wrong: Invalid "mtu" value`. */
export const wrong = (word: string, why: string): Refusal =>
  new Refusal(`Error: argument "${word}" is wrong: ${why}`, 255)

/** A word that stands where the one `option` was given already. */
export const garbage = (word: string, option = 'dev'): Refusal =>
  new Refusal(`Error: either "${option}" is duplicate, or "${word}" is a garbage.`, 255)

/** A whole number of 32 bits, decimal, hexadecimal or octal; undefined for anything else. */
export const wholeNumber = (word: string): number | undefined => {
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(word)) return undefined
  const value = /^0[0-7]+$/.test(word) ? Number.parseInt(word, 8) : Number(word)
  return value <= 0xffffffff ? value : undefined
}
