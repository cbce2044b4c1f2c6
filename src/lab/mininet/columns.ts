/** Words in columns, filled downwards, in as few rows as a width allows; two spaces between columns. */
export const columns = (words: readonly string[], width = 80): string => {
  for (let rows = 1; ; rows++) {
    const count = Math.ceil(words.length / rows)
    const widths = Array.from({ length: count }, (_, column) =>
      Math.max(0, ...words.slice(column * rows, (column + 1) * rows).map(word => word.length)),
    )
    const total = widths.reduce((sum, each) => sum + each + 2, -2)
    if (total > width && rows < words.length) continue
    const lines = Array.from({ length: rows }, (_, row) =>
      widths
        .map((each, column) => [words[column * rows + row], each] as const)
        .filter(([word]) => word !== undefined)
        .map(([word, each]) => (word as string).padEnd(each)),
    )
    return lines.map(line => `${line.join('  ')}\n`).join('')
  }
}
