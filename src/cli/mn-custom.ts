import { readFileSync } from 'node:fs'
import { createRequire, register } from 'node:module'
import { basename, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as mininet from '../lab/mininet/index.ts'

let registered = false

/**
 * The exports of a custom file, .js or .ts. What it imports from `weft/lab/mininet` are the classes that this program runs, wherever the
 * file lies and whether or not the package is installed there.
 */
export const loadCustom = async (path: string): Promise<Record<string, unknown>> => {
  if (!registered) {
    registered = true
    Object.assign(globalThis, { [live]: mininet })
    register(hooks(), {
      data: { names: Object.keys(mininet), eraser: createRequire(import.meta.url).resolve('@swc/wasm-typescript') },
    })
  }
  try {
    return (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>
  } catch (error) {
    throw placed(error, path)
  }
}

/** What the library that erases types throws: no error, but it knows the place. */
type Misread = { message: string; startLine: number; file?: string }

/** A mistake of syntax with its place, as Python says it: `Expression expected (topo.ts, line 2)`. */
const placed = (error: unknown, path: string): unknown => {
  const isMisread = typeof error === 'object' && error !== null && 'startLine' in error
  if (!(error instanceof SyntaxError) && !isMisread) return error
  const {
    message,
    startLine,
    file = path,
  } = (error instanceof Error ? (misread(path) ?? error) : error) as Partial<Misread>
  const line = startLine === undefined ? '' : `, line ${startLine}`
  return new SyntaxError(`${message} (${basename(file)}${line})`)
}

/** JavaScript's own error of a module has no place. */
const misread = (path: string): Misread | undefined => {
  try {
    const eraser = createRequire(import.meta.url)('@swc/wasm-typescript') as {
      transformSync(text: string, options: object): unknown
    }
    eraser.transformSync(readFileSync(path, 'utf8'), { mode: 'transform' })
    return undefined
  } catch (error) {
    return error as Misread
  }
}

const live = '__weftMininet'

/** Hooks of Node's loader, which runs them in a thread of its own: so they are a module that stands in a text. */
const hooks = (): string => {
  const source = `
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
let given
export const initialize = data => { given = data }
const ours = 'weft-live:mininet'
export const resolve = (specifier, context, next) =>
  specifier === 'weft/lab/mininet' || specifier === 'weft/lab' ? { url: ours, shortCircuit: true } : next(specifier, context)
export const load = (url, context, next) => {
  if (url === ours) {
    const source = given.names.map(name => 'export const ' + name + ' = globalThis.${live}.' + name).join('\\n')
    return { format: 'module', source, shortCircuit: true }
  }
  if (!/\\.m?ts$/.test(url)) return next(url, url.startsWith('file:') && url.endsWith('.js') ? { ...context, format: 'module' } : context)
  const eraser = createRequire(given.eraser)(given.eraser)
  const erased = text => {
    try {
      return eraser.transformSync(text, { mode: 'transform' }).code
    } catch (error) {
      throw { message: error.message ?? String(error), startLine: error.startLine, file: fileURLToPath(url) }
    }
  }
  return { format: 'module', source: erased(readFileSync(fileURLToPath(url), 'utf8')), shortCircuit: true }
}`
  return `data:text/javascript,${encodeURIComponent(source)}`
}
