// Bundles test/differential/main.ts and runs it: `npm run differential -- --cases N --seed S [--jobs N] [--category …] [--json]`.
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
    ssr: 'test/differential/main.ts',
    outDir: '.cache/differential',
    target: 'node20',
    minify: false,
    rollupOptions: { output: { entryFileNames: 'main.mjs' } },
  },
})
const { status } = spawnSync(
  process.execPath,
  [join(root, '.cache', 'differential', 'main.mjs'), ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
)
process.exitCode = status ?? 1
