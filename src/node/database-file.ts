import { hash } from 'node:crypto'
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { LogFile, Sha1 } from '../ovsdb/index.ts'
import { sentence } from './sentence.ts'

export const sha1: Sha1 = bytes => hash('sha1', bytes)

/** Locks an open file for writing against other processes (fcntl(2), `F_SETLK`); false if another one has it. */
export type LockFile = (fd: number) => boolean

export type DatabaseFileOptions = {
  /** Makes the file, which must not be there. */
  create?: boolean
  /** Without it the lock file is there but keeps nobody out. */
  lock?: LockFile
}

/** A database's file on this machine, with `.NAME.~lock~` beside it as Open vSwitch has it. */
export class DatabaseFile implements LogFile {
  readonly name: string
  private readonly path: string
  private fd: number
  private size: number
  private readonly lockFd: number
  private waiting: ((failure?: string) => void)[] = []

  private constructor(name: string, path: string, fd: number, lockFd: number) {
    this.name = name
    this.path = path
    this.fd = fd
    this.lockFd = lockFd
    this.size = statSync(this.path).size
  }

  /** The file, or why not: `t.db: open failed (No such file or directory)`. */
  static open(name: string, { create = false, lock }: DatabaseFileOptions = {}): DatabaseFile | string {
    const path = realPath(name)
    let lockFd: number
    try {
      lockFd = openSync(lockPath(path), 'a', 0o600)
    } catch (error) {
      return `${name}: failed to lock lockfile (${sentence(error)})`
    }
    if (lock !== undefined && !lock(lockFd)) {
      closeSync(lockFd)
      return `${name}: failed to lock lockfile (Resource temporarily unavailable)`
    }
    try {
      return new DatabaseFile(name, path, openSync(path, create ? 'wx+' : 'r+', 0o640), lockFd)
    } catch (error) {
      closeSync(lockFd)
      return `${name}: ${create ? 'create' : 'open'} failed (${sentence(error)})`
    }
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - offset)))
    let at = 0
    while (at < bytes.length) {
      const count = readSync(this.fd, bytes, at, bytes.length - at, offset + at)
      if (count === 0) break
      at += count
    }
    return bytes.subarray(0, at)
  }

  append(bytes: Uint8Array): string | undefined {
    return attempt(() => {
      writeAll(this.fd, bytes, this.size)
      this.size += bytes.length
    })
  }

  truncate(size: number): string | undefined {
    return attempt(() => {
      ftruncateSync(this.fd, size)
      this.size = size
    })
  }

  /**
   * All that comes in one turn of the event loop waits for the disk once: that of many clients, then, together. It is waited
   * for on the spot, since another thread takes longer to be woken than most disks to answer.
   */
  sync(done: (failure?: string) => void): void {
    this.waiting.push(done)
    if (this.waiting.length === 1) setImmediate(() => this.syncNow())
  }

  private syncNow(): void {
    const all = this.waiting
    this.waiting = []
    if (all.length === 0) return
    const failure = attempt(() => fdatasyncSync(this.fd))
    for (const done of all) done(failure)
  }

  replace(contents: readonly Uint8Array[]): string | undefined {
    const path = `${this.path}.tmp`
    return attempt(() => {
      rmSync(path, { force: true })
      const fd = openSync(path, 'wx+', 0o640)
      let size = 0
      try {
        for (const bytes of contents) {
          writeAll(fd, bytes, size)
          size += bytes.length
        }
        fsyncSync(fd)
        renameSync(path, this.path)
      } catch (error) {
        closeSync(fd)
        rmSync(path, { force: true })
        throw error
      }
      closeSync(this.fd)
      this.fd = fd
      this.size = size
      syncFolder(dirname(this.path))
    })
  }

  /** Nothing is to be done with it afterwards. The lock ends; its file stays, as that of Open vSwitch does. */
  close(): void {
    this.syncNow()
    closeSync(this.fd)
    closeSync(this.lockFd)
  }
}

/** Where a file is that may be named by a symbolic link: another one is to take its place, and not that of the link. */
export const realPath = (name: string): string => {
  try {
    return realpathSync(name)
  } catch {
    return resolve(name)
  }
}

const lockPath = (name: string): string => join(dirname(name), `.${basename(name)}.~lock~`)

const writeAll = (fd: number, bytes: Uint8Array, position: number): void => {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, position + at)
}

/** A name outlasts the machine's power once its folder is on disk. */
const syncFolder = (path: string): void => {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

const attempt = (run: () => void): string | undefined => {
  try {
    run()
    return undefined
  } catch (error) {
    return sentence(error)
  }
}
