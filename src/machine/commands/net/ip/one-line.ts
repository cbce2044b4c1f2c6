/** What `-o` makes of the lines of one entry: one line, with a backslash for each end but the last. */
export const oneLine = (text: string, wanted: boolean): string =>
  wanted ? `${text.slice(0, -1).replaceAll('\n', '\\')}\n` : text
