/**
 * `npm run bench`: the figures, or what a bench runs in a process of its own. That one loads nothing of the others: its
 * start is part of some figures.
 */
const [first, ...words] = process.argv.slice(2)
if (first === '--child') {
  const { runChild } = await import('./openflow-children.ts')
  process.exitCode = await runChild(words)
} else await import('./figures.ts')
