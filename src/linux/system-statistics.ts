/**
 * What `Open_vSwitch.statistics` tells of a computer (ovs-vswitchd.conf.db(5), "Statistics"): its processors, load, memory and
 * file systems, and the daemons with a pid file in the run directory. It is all in /proc (proc(5)).
 */
import { lstatSync, readdirSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileLocks } from './file-lock.ts'

/** What is looked at. What cannot be read is undefined. */
export type Computer = {
  /** Processors that are there. */
  cores: number
  read(path: string): string | undefined
  /** Names of the files of a directory that are plain files. */
  files(directory: string): readonly string[]
  /** Whether two paths are of one file. */
  same(one: string, other: string): boolean
  /** A file system by where it is: blocks and the bytes of one. */
  fileSystem(path: string): { size: number; blocks: number; free: number } | undefined
  /** The process that has a file locked, `unknown` where there are no locks; not to be asked of a file of one's own. */
  lockHolder(path: string): number | 'none' | 'unknown'
  /** Milliseconds since 1970. */
  now(): number
}

/** `self` is this process, and `pidFile` its own pid file: whoever opens and closes that loses the lock on it (fcntl(2)). */
export type Own = { self: number; pidFile: string | undefined }

/** All of it by key. What cannot be known is left out. */
export const systemStatistics = (
  directory: string,
  { self, pidFile }: Own,
  computer: Computer = thisComputer,
): Record<string, string> => {
  const statistics: Record<string, string> = {}
  const add = (key: string, value: string | undefined): void => {
    if (value !== undefined) statistics[key] = value
  }
  add('cpu', processors(computer))
  add('load_average', loadAverage(computer))
  add('memory', memory(computer))
  for (const file of computer.files(directory)) {
    if (!file.endsWith('.pid')) continue
    const path = `${directory}/${file}`
    const isOwn = pidFile !== undefined && computer.same(path, pidFile)
    const pid = isOwn ? self : running(computer, path)
    if (pid !== undefined) statistics[`process_${file.slice(0, -'.pid'.length)}`] = processOf(computer, pid)
  }
  add('file_systems', fileSystems(computer))
  return statistics
}

/** Those that this process may run on. */
const processors = ({ cores, read }: Computer): string | undefined => {
  const mask = /^Cpus_allowed:\s*([0-9a-f,]+)$/m.exec(read('/proc/self/status') ?? '')?.[1]
  const allowed = [...(mask ?? '')].reduce((sum, digit) => sum + (digit === ',' ? 0 : ones(digit)), 0)
  const count = allowed === 0 ? cores : Math.min(cores, allowed)
  return count > 0 ? String(count) : undefined
}

const ones = (digit: string): number => Number.parseInt(digit, 16).toString(2).replaceAll('0', '').length

const loadAverage = ({ read }: Computer): string | undefined => {
  const [, ...loads] = /^([0-9.]+) ([0-9.]+) ([0-9.]+) /.exec(read('/proc/loadavg') ?? '') ?? []
  return loads.length === 0 ? undefined : loads.map(load => Number(load).toFixed(2)).join(',')
}

/** Total, used, cache, swap and used swap, kB. */
const memory = ({ read }: Computer): string | undefined => {
  const text = read('/proc/meminfo')
  if (text === undefined) return undefined
  const of = (name: string): number => Number(new RegExp(`^${name}: *([0-9]+)`, 'm').exec(text)?.[1] ?? 0)
  const [total, swap] = [of('MemTotal'), of('SwapTotal')]
  return [total, total - of('MemFree'), of('Buffers') + of('Cached'), swap, swap - of('SwapFree')].join()
}

/** The process of a pid file that it has locked; undefined for a file that was left behind. */
const running = (computer: Computer, path: string): number | undefined => {
  const digits = /^\s*([0-9]{1,9})\s*$/.exec(computer.read(path) ?? '')?.[1]
  if (digits === undefined) return undefined
  const pid = Number(digits)
  const holder = computer.lockHolder(path)
  if (holder === 'unknown') return computer.read(`/proc/${pid}/stat`) === undefined ? undefined : pid
  return holder === pid ? pid : undefined
}

type ProcessInfo = {
  name: string
  parent: number
  /** Memory, kB: all of it, and what is in RAM. */
  size: number
  resident: number
  /** Milliseconds: of work, and since it began. */
  work: number
  age: number
  processor: number
}

/** Memory, work, crashes, age under its monitor, its own age, and the processor: empty if the process has just ended. */
const processOf = (computer: Computer, pid: number): string => {
  const info = processInfo(computer, pid)
  if (info === undefined) return ''
  const parent = info.parent === 0 ? undefined : processInfo(computer, info.parent)
  // The monitor is a process of the same program.
  const monitor = parent?.name === info.name ? parent : undefined
  const crashes = monitor === undefined ? 0 : crashesOf(computer, info.parent)
  return [info.size, info.resident, info.work, crashes, (monitor ?? info).age, info.age, info.processor].join()
}

/** Times in /proc count hundredths of a second, USER_HZ of nearly all processors. */
const tick = 10

/** Where fields are behind the name in /proc/PID/stat: proc_pid_stat(5) numbers the first of these 3. */
const field = { parent: 1, user: 11, system: 12, began: 19, processor: 36 }

const processInfo = ({ read, now }: Computer, pid: number): ProcessInfo | undefined => {
  const [, name, text] = /^[0-9]+ (\(.*\)) (.*)$/s.exec(read(`/proc/${pid}/stat`) ?? '') ?? []
  const booted = /^btime ([0-9]+)$/m.exec(read('/proc/stat') ?? '')?.[1]
  if (name === undefined || text === undefined || booted === undefined) return undefined
  const fields = text.trim().split(' ').map(Number)
  const at = (place: number): number => fields[place] ?? 0
  // The sizes in `stat` are of pages, whose size it does not tell.
  const status = read(`/proc/${pid}/status`) ?? ''
  const size = (what: string): number => Number(new RegExp(`^${what}:\\s*([0-9]+) kB$`, 'm').exec(status)?.[1] ?? 0)
  return {
    name,
    parent: at(field.parent),
    size: size('VmSize'),
    resident: size('VmRSS'),
    work: (at(field.user) + at(field.system)) * tick,
    age: now() - (Number(booted) * 1000 + at(field.began) * tick),
    processor: at(field.processor),
  }
}

/** A monitor's command line says it: `ovs-vswitchd: monitoring pid 12 (2 crashes: …)`. */
const crashesOf = ({ read }: Computer, pid: number): number => {
  const [line = ''] = (read(`/proc/${pid}/cmdline`) ?? '').slice(0, 127).split(/[\n\0]/)
  return Number(/^[^(]*\(\s*(-?[0-9]+)/.exec(line)?.[1] ?? 0)
}

/** Those on disks of the computer that can be written to, with all and used kB. */
const fileSystems = ({ read, fileSystem }: Computer): string | undefined => {
  const told: string[] = []
  for (const line of (read('/etc/mtab') ?? '').split('\n')) {
    const [device = '', path = '', , options = ''] = line.split(/[ \t]+/).map(plain)
    if (!device.startsWith('/dev') || !options.includes('rw')) continue
    const now = fileSystem(path)
    if (now === undefined) continue
    const kB = (blocks: number): number => Math.floor((now.size * blocks) / 1024)
    told.push(`${path.replace(/[ ,]/g, '_')},${kB(now.blocks)},${kB(now.blocks) - kB(now.free)}`)
  }
  return told.length === 0 ? undefined : told.join(' ')
}

/** Spaces and the like are written in octal: fstab(5). */
const plain = (word: string): string =>
  word.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

const attempt = <T>(happen: () => T): T | undefined => {
  try {
    return happen()
  } catch {
    return undefined
  }
}

const thisComputer: Computer = {
  cores: cpus().length,
  read: path => attempt(() => readFileSync(path, 'utf8')),
  files: directory =>
    (attempt(() => readdirSync(directory)) ?? []).filter(
      name => attempt(() => lstatSync(`${directory}/${name}`))?.isFile() === true,
    ),
  same: (one, other) =>
    attempt(() => {
      const [a, b] = [statSync(one), statSync(other)]
      return a.dev === b.dev && a.ino === b.ino
    }) === true,
  fileSystem: path =>
    attempt(() => {
      const { bsize, blocks, bfree } = statfsSync(path)
      return { size: bsize, blocks, free: bfree }
    }),
  lockHolder(path) {
    const locks = fileLocks()
    return locks === undefined ? 'unknown' : (attempt(() => locks.holder(path) ?? 'none') ?? 'unknown')
  },
  now: () => Date.now(),
}
