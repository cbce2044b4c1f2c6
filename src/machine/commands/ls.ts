import type { Command, Process } from '../command.ts'
import { strerror } from '../files/errno.ts'
import { type Node, sizeOf } from '../files/node.ts'
import { joined } from '../files/path.ts'
import { byName, parseOptions } from '../options.ts'
import { formatDate } from './date.ts'

const table = {
  l: 'none',
  a: 'none',
  all: 'none',
  A: 'none',
  '1': 'none',
  d: 'none',
  directory: 'none',
  F: 'none',
  R: 'none',
  h: 'none',
  r: 'none',
  t: 'none',
  S: 'none',
  n: 'none',
  C: 'none',
  color: 'optional',
} as const
type Entry = { name: string; node: Node; path: string }
type Show = {
  long: boolean
  all: boolean
  dots: boolean
  single: boolean
  mark: boolean
  columns: number
  recursive: boolean
  order: (a: Entry, b: Entry) => number
}

/** ls(1): in columns on a terminal, a name a line otherwise; `-l -a -A -1 -d -F -R -r -t -S`. */
export const ls: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), table)
  if (!parsed.ok) return yield* process.fail(`ls: ${parsed.error}\nTry 'ls --help' for more information.`, 2)
  const given = byName(parsed.options)
  const has = (...names: string[]): boolean => names.some(name => given.has(name))
  const sign = has('r') ? -1 : 1
  const byText = (a: Entry, b: Entry): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  const show: Show = {
    long: has('l', 'n'),
    all: has('a', 'all', 'A'),
    dots: has('a', 'all'),
    single: has('1') || (!process.isTerminal && !has('C')),
    mark: has('F'),
    columns: process.columns,
    recursive: has('R'),
    order: (a, b) =>
      sign *
      ((has('t') ? b.node.changed - a.node.changed : has('S') ? sizeOf(b.node) - sizeOf(a.node) : 0) || byText(a, b)),
  }
  const { files } = process.machine
  const plain: Entry[] = []
  const directories: Entry[] = []
  let status = 0
  for (const name of parsed.operands.length === 0 ? ['.'] : parsed.operands) {
    const found = files.lookup(process, name, !show.long && !has('d'))
    if (!found.ok) status = yield* process.fail(`ls: cannot access '${name}': ${strerror(found.errno)}`, 2)
    else if (found.value.kind === 'directory' && !has('d')) directories.push({ name, node: found.value, path: name })
    else plain.push({ name, node: found.value, path: name })
  }
  yield* process.print(listing(process, plain.sort(show.order), show))
  let first = plain.length === 0
  const titled = parsed.operands.length > 1 || show.recursive
  for (const directory of directories.sort(show.order)) {
    yield* process.print(tree(process, directory, show, titled, first))
    first = false
  }
  return status
}

const tree = (process: Process, directory: Entry, show: Show, titled: boolean, first: boolean): string => {
  const entries = childrenOf(process, directory, show).sort(show.order)
  const total = show.long ? `total ${entries.reduce((sum, entry) => sum + blocks(entry.node), 0)}\n` : ''
  let out = `${first ? '' : '\n'}${titled ? `${directory.path}:\n` : ''}${total}${listing(process, entries, show)}`
  if (show.recursive)
    for (const entry of entries)
      if (entry.node.kind === 'directory' && entry.name !== '.' && entry.name !== '..')
        out += tree(process, entry, show, true, false)
  return out
}

const childrenOf = (process: Process, directory: Entry, show: Show): Entry[] => {
  if (directory.node.kind !== 'directory') return []
  const entries = [...directory.node.entries].map(([name, node]) => ({
    name,
    node,
    path: joined(directory.path, name),
  }))
  const visible = entries.filter(entry => show.all || !entry.name.startsWith('.'))
  if (!show.dots) return visible
  const above = process.machine.files.lookup(process, joined(directory.path, '..'))
  return [
    { name: '.', node: directory.node, path: directory.path },
    { name: '..', node: above.ok ? above.value : directory.node, path: joined(directory.path, '..') },
    ...visible,
  ]
}

const listing = (process: Process, entries: readonly Entry[], show: Show): string => {
  if (show.long) return long(process, entries, show)
  const names = entries.map(entry => entry.name + (show.mark ? markOf(entry.node) : ''))
  if (show.single) return names.map(name => `${name}\n`).join('')
  return inColumns(names, show.columns)
}

const long = (process: Process, entries: readonly Entry[], show: Show): string => {
  const links = entries.map(entry => String(entry.node.kind === 'directory' ? 2 + count(entry.node) : 1))
  const sizes = entries.map(entry => String(entry.node.kind === 'device' ? '1, 3' : sizeOf(entry.node)))
  const linkWidth = Math.max(0, ...links.map(text => text.length))
  const sizeWidth = Math.max(0, ...sizes.map(text => text.length))
  return entries
    .map((entry, i) => {
      const time = formatDate(
        '%b %e %H:%M',
        process.machine.wallTime() - (process.clock.now() - entry.node.changed) / 1e6,
      )
      const target = entry.node.kind === 'link' ? ` -> ${entry.node.target}` : show.mark ? markOf(entry.node) : ''
      return `${permissions(entry.node)} ${(links[i] as string).padStart(linkWidth)} root root ${(sizes[i] as string).padStart(sizeWidth)} ${time} ${entry.name}${target}\n`
    })
    .join('')
}

const count = (node: Node): number =>
  node.kind === 'directory' ? [...node.entries.values()].filter(each => each.kind === 'directory').length : 0
const blocks = (node: Node): number =>
  node.kind === 'directory' ? 4 : node.kind === 'file' ? Math.ceil(node.size / 4096) * 4 : 0
const markOf = (node: Node): string =>
  node.kind === 'directory' ? '/' : node.kind === 'link' ? '@' : (node.mode & 0o111) !== 0 ? '*' : ''

const permissions = (node: Node): string => {
  const kind = node.kind === 'directory' ? 'd' : node.kind === 'link' ? 'l' : node.kind === 'device' ? 'c' : '-'
  return (
    kind +
    [6, 3, 0].map(shift => [4, 2, 1].map((bit, i) => ((node.mode >> shift) & bit ? 'rwx'[i] : '-')).join('')).join('')
  )
}

/** Fills columns downwards, as few rows as fit the width, two spaces between. */
const inColumns = (names: readonly string[], width: number): string => {
  if (names.length === 0) return ''
  for (let rows = 1; ; rows++) {
    const columns = Math.ceil(names.length / rows)
    const widths = Array.from(
      { length: columns },
      (_, c) => Math.max(...names.slice(c * rows, (c + 1) * rows).map(name => name.length)) + 2,
    )
    const total = widths.reduce((sum, each) => sum + each, 0) - 2
    if (total >= width && rows < names.length) continue
    return Array.from({ length: rows }, (_, r) => {
      const cells = widths.map((each, c) => (names[c * rows + r] ?? '').padEnd(each))
      return `${cells.join('').trimEnd()}\n`
    }).join('')
  }
}
