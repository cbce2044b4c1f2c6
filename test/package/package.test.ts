/** The package as someone else gets it: packed, installed into an empty folder, its command run, its modules imported. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { version, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string
  exports: Record<string, unknown>
}
const modules = Object.keys(exports)
  .filter(name => name !== './package.json')
  .map(name => name.replace('.', 'weft'))

const folder = join(tmpdir(), `weft-package-${process.pid}`)
beforeAll(() => mkdirSync(folder, { recursive: true }))
const user = join(folder, 'user')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a command in the user's folder, away from this project. */
const run = (command: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } => {
  // npx has opinions of its own on the machine's settings.
  const env = { ...process.env, npm_config_loglevel: 'error' }
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: user, env, encoding: 'utf8', input: '' })
  return { status, stdout, stderr }
}
const npm = (cwd: string, ...args: string[]): string =>
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--prefer-offline'], {
    cwd,
    encoding: 'utf8',
    stdio: 'pipe',
  })

let files: string[] = []

beforeAll(() => {
  mkdirSync(user)
  execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs')])
  // The build is done; npm would only mix its output with its own.
  const packed = npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder)
  const [tarball] = JSON.parse(packed) as { filename: string; files: { path: string }[] }[]
  files = tarball?.files.map(({ path }) => path) ?? []
  npm(user, 'install', join(folder, tarball?.filename as string))
})

describe('the tarball', () => {
  test('has what is needed, and nothing of our workshop', () => {
    expect(files).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'dist/cli/weft.js']))
    expect(files.filter(path => /\.test\.|\.testing\.|tsbuildinfo|^(src|test|bench|scripts)\//.test(path))).toEqual([])
  })

  test('brings few packages along: what erases types, what reads YAML, and koffi, which may be missing', () => {
    const { packages } = JSON.parse(readFileSync(join(user, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { optional?: true }>
    }
    const others = Object.entries(packages).filter(([path]) => path !== '' && path !== 'node_modules/weft')
    const needed = others.filter(([, { optional }]) => !optional).map(([path]) => path)
    expect(needed.sort()).toEqual(['node_modules/@swc/wasm-typescript', 'node_modules/yaml'])
    for (const [path, { optional }] of others) if (optional) expect(path).toMatch(/koffi/)
  })
})

describe('the command', () => {
  test('tells its version', () => {
    expect(run('npx', '--no-install', 'weft', '--version')).toEqual({
      status: 0,
      stdout: `weft ${version}\n`,
      stderr: '',
    })
  })

  test('lists its labs', () => {
    const { status, stdout } = run('npx', '--no-install', 'weft', 'lab', '--list')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^two-hypervisors +\S.*\nsegment +\S/)
  })

  test('shows a lab, and everything that it promises holds', () => {
    const { status, stdout, stderr } = run('npx', '--no-install', 'weft', 'lab')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('*** Results: 0% dropped')
  })

  test('says what is wrong with its words', () => {
    expect(run('npx', '--no-install', 'weft', 'lab', 'nowhere')).toEqual({
      status: 2,
      stdout: '',
      stderr: "weft lab: there is no lab named 'nowhere'; weft lab --list names them\nTry 'weft lab --help'.\n",
    })
  })
})

describe('the modules', () => {
  test.each(modules)('%s can be imported', name => {
    const script = `import * as all from '${name}'; process.exit(Object.keys(all).length > 0 ? 0 : 1)`
    expect(run(process.execPath, '--input-type=module', '-e', script)).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  test('run a lab from JavaScript', () => {
    writeFileSync(
      join(user, 'ping.mjs'),
      `import { Network } from 'weft/lab'
       import { formatIp4, parseIp4 } from 'weft/wire'
       const net = new Network({ seed: 7 })
       net.machine('a')
       net.machine('b')
       net.cable('a:eth0', 'b:eth0', { delay: 1e6 })
       net.type('a', 'ip addr add 10.0.0.1/24 dev eth0\\nip link set eth0 up')
       net.type('b', 'ip addr add 10.0.0.2/24 dev eth0\\nip link set eth0 up')
       console.log(net.type('a', 'ping -c 1 ' + formatIp4(parseIp4('10.0.0.2'))))`,
    )
    const { status, stdout, stderr } = run(process.execPath, 'ping.mjs')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=4.00 ms')
  })

  test('have types that a strict project takes', () => {
    writeFileSync(
      join(user, 'use.mts'),
      `${modules.map((name, i) => `import * as m${i} from '${name}'\n`).join('')}
       import { type Lab, LabVtep, Network } from 'weft/lab'
       import { type Ip4, parseIp4 } from 'weft/wire'
       export const modules: object[] = [${modules.map((_, i) => `m${i}`).join(', ')}]
       const ip: Ip4 | undefined = parseIp4('10.0.0.1')
       const lab: Lab = {
         name: 'mine', about: '', picture: '', build: net => { net.machine('a') }, groups: {},
         shown: { from: 'a', to: 'a', at: 'a:eth0' },
       }
       const net: Network = new Network({ seed: 1 })
       lab.build(net)
       export const vtep: typeof LabVtep = LabVtep
       // @ts-expect-error a seed is a number
       export const wrong = new Network({ seed: 'one' })
       export const size: number = net.machines.size + (ip ?? 0)\n`,
    )
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules', '@types')]
    const options = ['--strict', '--noEmit', '--target', 'es2023', '--module', 'nodenext', ...types]
    expect(run(process.execPath, tsc, ...options, 'use.mts')).toEqual({ status: 0, stdout: '', stderr: '' })
  })
})
