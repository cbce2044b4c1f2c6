import { createRequire, register } from 'node:module'
import { resolve } from 'node:path'
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
  return (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>
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
  const { code } = eraser.transformSync(readFileSync(fileURLToPath(url), 'utf8'), { mode: 'transform' })
  return { format: 'module', source: code, shortCircuit: true }
}`
  return `data:text/javascript,${encodeURIComponent(source)}`
}
