import type { Topo } from '../topo.ts'
import { fromContainerlab } from './containerlab.ts'
import { fromGraphml } from './graphml.ts'
import { fromMiniEdit } from './miniedit.ts'
import { ImportError, type Path } from './place.ts'

export { fromContainerlab, fromGraphml, fromMiniEdit, ImportError }

/** A file of YAML or JSON, read: its value, and where in the file something of it stands. `error` is one line. */
export type Tree =
  | { ok: true; value: unknown; lineOf(path: Path): number | undefined }
  | { ok: false; error: string; line?: number }

/** Reads YAML, of which JSON is a part. A parser needs a library, so whoever calls brings one. */
export type TreeParser = (text: string) => Tree

const trees: Readonly<Record<string, (value: unknown) => Topo<never[]>>> = {
  '.yml': fromContainerlab,
  '.yaml': fromContainerlab,
  '.mn': fromMiniEdit,
}

const endings = [...Object.keys(trees), '.graphml']

/**
 * The topology of a file, by the end of its name: containerlab's YAML (`.yml`, `.yaml`), MiniEdit's JSON (`.mn`), the Topology Zoo's
 * GraphML (`.graphml`). Pure: it asks nothing of a network. An error is one line with the file's name and, where it is known, the
 * line: `lab.yml:7: link web br9: there is no node named br9`.
 */
export const readTopologyFile = (
  name: string,
  text: string,
  parseTree: TreeParser,
): { ok: true; topo: Topo<never[]> } | { ok: false; error: string } => {
  const ending = /\.[^./\\]*$/.exec(name)?.[0].toLowerCase() ?? ''
  if (!endings.includes(ending)) return { ok: false, error: `${name}: a topology file ends in ${endings.join(', ')}` }
  let lineOf: ((path: Path) => number | undefined) | undefined
  try {
    const reader = Object.hasOwn(trees, ending) ? trees[ending] : undefined
    if (reader === undefined) return { ok: true, topo: fromGraphml(text) }
    const tree = parseTree(text)
    if (!tree.ok) return { ok: false, error: `${placed(name, tree.line)}: ${tree.error}` }
    lineOf = path => tree.lineOf(path)
    return { ok: true, topo: reader(tree.value) }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const line = error instanceof ImportError && error.path !== undefined ? lineOf?.(error.path) : undefined
    return { ok: false, error: `${placed(name, line)}: ${error.message}` }
  }
}

const placed = (name: string, line: number | undefined): string => (line === undefined ? name : `${name}:${line}`)
