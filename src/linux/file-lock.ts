/** Locks on files (fcntl(2), "Advisory record locking"): what tells a daemon's pid file from one that was left behind. */
import { closeSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { default as Koffi } from 'koffi'

export type FileLocks = {
  /** Locks an open file, until the process ends or closes any descriptor of that file; false if another has it locked. */
  lock(descriptor: number): boolean
  /** The process that has a file locked, undefined if none has. Throws as `openSync` does. Of this process's own locks it knows nothing. */
  holder(path: string): number | undefined
}

const command = { getLock: 5, setLock: 6 }
const lockType = { write: 1, unlocked: 2 }
/** Where `struct flock` has 64-bit places: type and whence in 16 bits, start and length in 64, the process in 32. */
const wide: readonly NodeJS.Architecture[] = ['x64', 'arm64', 'riscv64', 'ppc64', 'loong64']
const flockSize = 32
const pidPlace = 6

const load = (): FileLocks | undefined => {
  if (process.platform !== 'linux' || !wide.includes(process.arch)) return undefined
  try {
    const koffi: typeof Koffi = createRequire(import.meta.url)('koffi')
    const fcntl = koffi.load(null).func('int fcntl(int descriptor, int command, ...)')
    const perform = (descriptor: number, what: number): ArrayBuffer | undefined => {
      const flock = new ArrayBuffer(flockSize)
      new Int16Array(flock)[0] = lockType.write
      return fcntl(descriptor, what, 'void *', new Uint8Array(flock)) === 0 ? flock : undefined
    }
    return {
      lock: descriptor => perform(descriptor, command.setLock) !== undefined,
      holder(path) {
        const descriptor = openSync(path, 'r')
        try {
          const flock = perform(descriptor, command.getLock)
          if (flock === undefined || new Int16Array(flock)[0] === lockType.unlocked) return undefined
          return new Int32Array(flock)[pidPlace]
        } finally {
          closeSync(descriptor)
        }
      },
    }
  } catch {
    return undefined
  }
}

let loaded: { locks: FileLocks | undefined } | undefined

/** Undefined where the system has none, or where `koffi`, an optional package, is not installed. Loaded when first asked for. */
export const fileLocks = (): FileLocks | undefined => {
  loaded ??= { locks: load() }
  return loaded.locks
}
