// Compiles src/ to dist/ when a source changed since the last build. It builds beside dist/ and swaps the two at the end,
// so a build that is killed, fails or runs twice at a time leaves a whole dist/ behind.
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bin, bootstrap, root, run } from './bootstrap.mjs'
import { bundle } from './bundle.mjs'

const parts = ['core', 'platform']
const cache = join(root, '.cache')
const dist = join(root, 'dist')

const files = folder =>
  readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? files(path) : path.endsWith('.ts') && !path.endsWith('.test.ts') ? [path] : []
  })

const sources = () => {
  const inputs = [
    import.meta.filename,
    ...files(join(root, 'src')),
    ...['base', ...parts].map(name => join(root, `tsconfig.${name}.json`)),
  ]
  const hash = createHash('sha256')
  for (const path of inputs.sort()) {
    const { mtimeMs, size } = statSync(path)
    hash.update(`${path} ${mtimeMs} ${size}\n`)
  }
  return hash.digest('hex')
}

const isAlive = pid => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Removes what builds left that were killed. */
const sweep = () => {
  for (const name of readdirSync(cache)) {
    const pid = /^build-(\d+)$/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(cache, name), { recursive: true, force: true })
  }
}

/** The project's configuration with its output in `folder`. */
const configure = folder => {
  for (const name of parts) {
    const compilerOptions = { outDir: join(folder, 'dist'), tsBuildInfoFile: join(folder, `${name}.tsbuildinfo`) }
    const references = name === 'platform' ? { references: [{ path: './core.json' }] } : {}
    const config = { extends: `../../tsconfig.${name}.json`, compilerOptions, ...references }
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(config))
  }
}

/** Puts the `weft` command into few files in place of many. */
const bundleCommand = folder => {
  const cli = join(folder, 'dist', 'cli')
  const bundled = join(folder, 'cli')
  bundle(join(cli, 'weft.js'), bundled)
  chmodSync(join(bundled, 'weft.js'), 0o755)
  rmSync(cli, { recursive: true })
  renameSync(bundled, cli)
}

export const build = () => {
  const stamp = join(dist, '.built')
  const now = sources()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return
  if (process.stderr.isTTY) console.error('weft: building')
  mkdirSync(cache, { recursive: true })
  sweep()
  const folder = join(cache, `build-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  configure(folder)
  const status = run(bin('tsc'), ['-b', join(folder, 'platform.json')], { stdio: ['ignore', 2, 2] })
  if (status === 0) {
    bundleCommand(folder)
    writeFileSync(join(folder, 'dist', '.built'), now)
    if (existsSync(dist)) renameSync(dist, join(folder, 'old'))
    renameSync(join(folder, 'dist'), dist)
  }
  rmSync(folder, { recursive: true, force: true })
  if (status !== 0) process.exit(1)
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  bootstrap()
  build()
}
