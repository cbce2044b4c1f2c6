import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { parse } from 'yaml'
import { fromContainerlab, fromGraphml, fromMiniEdit, type Topo } from '../lab/mininet/index.ts'

const readers: Readonly<Record<string, (text: string) => Topo<never[]>>> = {
  '.yml': text => fromContainerlab(parse(text)),
  '.yaml': text => fromContainerlab(parse(text)),
  '.mn': text => fromMiniEdit(JSON.parse(text)),
  '.graphml': fromGraphml,
}

/** The topology of a file, by the end of its name; throws what is wrong with it. */
export const readTopoFile = (path: string): Topo<never[]> => {
  const reader = readers[extname(path).toLowerCase()]
  if (reader === undefined) throw new Error(`${path}: a topology file ends in ${Object.keys(readers).join(', ')}`)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw new Error(`could not find topology file: ${path}`)
  }
  try {
    return reader(text)
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
