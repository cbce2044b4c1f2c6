// Installs the project's packages when they are missing or when the lock file changed; otherwise it takes milliseconds.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const needed = [20, 19]

/** Runs a command in the project's folder with the terminal handed through; gives its exit status. */
export const run = (command, args, options = {}) => {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (error) throw error
  return signal === null ? status : 1
}

/** The path of a package's command. */
export const bin = name => join(root, 'node_modules', '.bin', name)

export const bootstrap = () => {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
    console.error(`weft: Node ${needed.join('.')} or later is needed; this is ${process.versions.node}`)
    process.exit(1)
  }
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const stamp = join(root, 'node_modules', '.weft-installed')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  console.error('weft: installing packages (once)')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  const install = (...more) =>
    run(npm, ['ci', ...quiet, ...more], { shell: process.platform === 'win32', stdio: ['ignore', 2, 2] }) === 0
  const again = () => {
    // Home may be read-only, or an installation that was killed left something behind that still writes.
    console.error('weft: trying once more, with a cache in the project')
    rmSync(join(root, 'node_modules'), { recursive: true, force: true, maxRetries: 10, retryDelay: 500 })
    return install('--cache', join(root, '.cache', 'npm'))
  }
  if (!install() && !again()) {
    console.error('weft: npm ci failed; see above')
    process.exit(1)
  }
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, lock)
}
