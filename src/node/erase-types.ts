import { createRequire } from 'node:module'

type Eraser = { transformSync(code: string, options: { mode: 'transform' }): { code: string } }

/** The library is large, and only TypeScript needs it. */
const eraser = (): Eraser => createRequire(import.meta.url)('@swc/wasm-typescript') as Eraser

/** Whether JavaScript can read it as it is. */
const isJavaScript = (code: string): boolean => {
  try {
    new Function(`return async () => { ${code} }`)
    return true
  } catch {
    return false
  }
}

/** JavaScript of what may be TypeScript; what is neither stays, for JavaScript to complain of. */
export const eraseTypes = (code: string): string => {
  if (isJavaScript(code)) return code
  try {
    return eraser().transformSync(code, { mode: 'transform' }).code
  } catch {
    return code
  }
}
