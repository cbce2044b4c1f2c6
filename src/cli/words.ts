/** Says what is wrong with the words of a command, and gives the status for that. */
export const badUsage = (command: string, why: string): number => {
  process.stderr.write(`weft ${command}: ${why}\nTry 'weft ${command} --help'.\n`)
  return 2
}

/** A whole number in a range, written in decimal; undefined for anything else. */
export const wholeNumber = (text: string, least: number, most: number): number | undefined => {
  if (!/^[0-9]{1,15}$/.test(text)) return undefined
  const number = Number(text)
  return number >= least && number <= most ? number : undefined
}

/** The value of `--seed`; 1 if it was not given. */
export const seedOf = (text: string | undefined): number | undefined =>
  text === undefined ? 1 : wholeNumber(text, 0, 0xffffffff)
