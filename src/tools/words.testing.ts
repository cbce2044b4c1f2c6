/** What a program printed, and how it ended. */
export type Result = { stdout: string; stderr: string; status: number }

/** Words with the quotes of a shell. */
export const wordsOf = (line: string): string[] => {
  const words: string[] = []
  for (const match of line.matchAll(/(?:[^\s'"]|'[^']*'|"(?:[^"\\]|\\.)*")+/g)) {
    words.push(
      match[0].replace(
        /'([^']*)'|"((?:[^"\\]|\\.)*)"/g,
        (_, single, double) => single ?? double.replace(/\\(.)/g, '$1'),
      ),
    )
  }
  return words
}
