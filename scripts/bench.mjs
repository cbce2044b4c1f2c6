// Bundles bench/main.ts and runs it: `npm run bench -- [NAME…] [--json]`.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { bootstrap, root } from './bootstrap.mjs'

bootstrap()
const { build } = await import('vite')
await build({
  root,
  configFile: false,
  logLevel: 'error',
  build: {
    ssr: 'bench/main.ts',
    outDir: '.cache/bench',
    target: 'node20',
    minify: false,
    rollupOptions: { output: { entryFileNames: 'main.mjs' } },
  },
})
const { status } = spawnSync(
  process.execPath,
  ['--expose-gc', join(root, '.cache', 'bench', 'main.mjs'), ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
)
process.exitCode = status ?? 1
