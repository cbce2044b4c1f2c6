import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { bootstrap, root } from './bootstrap.mjs'

/** Bundles a program of this project into `.cache/NAME` and runs it with the words of the command line. Gives its status. */
export const runBundled = async (name, entry, nodeOptions = []) => {
  bootstrap()
  if (process.stderr.isTTY) console.error(`weft: bundling ${name}`)
  const { build } = await import('vite')
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: entry,
      outDir: `.cache/${name}`,
      target: 'node20',
      minify: false,
      rollupOptions: { output: { entryFileNames: 'main.mjs' } },
    },
  })
  const words = [...nodeOptions, join(root, '.cache', name, 'main.mjs'), ...process.argv.slice(2)]
  return spawnSync(process.execPath, words, { cwd: root, stdio: 'inherit' }).status ?? 1
}
