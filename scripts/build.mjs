// Compiles src/ to dist/ when a source changed since the last build.
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bin, bootstrap, root, run } from './bootstrap.mjs'

const files = folder =>
  readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? files(path) : path.endsWith('.ts') ? [path] : []
  })

const sources = () => {
  const inputs = [
    ...files(join(root, 'src')),
    ...['base', 'core', 'platform'].map(name => join(root, `tsconfig.${name}.json`)),
  ]
  const hash = createHash('sha256')
  for (const path of inputs.sort()) {
    const { mtimeMs, size } = statSync(path)
    hash.update(`${path} ${mtimeMs} ${size}\n`)
  }
  return hash.digest('hex')
}

export const build = () => {
  const cache = join(root, '.cache')
  const stamp = join(cache, 'built')
  const command = join(root, 'dist', 'cli', 'weft.js')
  const now = sources()
  if (existsSync(stamp) && existsSync(command) && readFileSync(stamp, 'utf8') === now) return
  if (process.stderr.isTTY) console.error('weft: building')
  mkdirSync(cache, { recursive: true })
  // A build from scratch, so that a file that went away leaves nothing behind in the package.
  for (const path of [
    join(root, 'dist'),
    stamp,
    ...['core', 'platform'].map(name => join(cache, `${name}.tsbuildinfo`)),
  ])
    rmSync(path, { recursive: true, force: true })
  if (run(bin('tsc'), ['-b', 'tsconfig.platform.json'], { stdio: ['ignore', 2, 2] }) !== 0) process.exit(1)
  chmodSync(command, 0o755)
  writeFileSync(stamp, now)
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  bootstrap()
  build()
}
