import { readFileSync } from 'node:fs'
import { isNode, LineCounter, parseDocument } from 'yaml'
import { readTopologyFile, type Topo, type Tree } from '../lab/mininet/index.ts'

/** YAML 1.2 by the library `yaml`, with the lines of what is in it. */
export const parseTree = (text: string): Tree => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [wrong] = document.errors
  if (wrong !== undefined)
    return { ok: false, error: wrong.message.split('\n')[0] as string, line: lines.linePos(wrong.pos[0]).line }
  return {
    ok: true,
    value: document.toJS({ maxAliasCount: 1000 }),
    lineOf(path) {
      // What is not there is wrong where it should be: in what is around it.
      for (let length = path.length; length >= 0; length--) {
        const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
        if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
      }
      return undefined
    },
  }
}

/** The topology of a file, by the end of its name; throws what is wrong with it. */
export const readTopoFile = (path: string): Topo<never[]> => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw new Error(`could not find topology file: ${path}`)
  }
  const read = readTopologyFile(path, text, parseTree)
  if (!read.ok) throw new Error(read.error)
  return read.topo
}
