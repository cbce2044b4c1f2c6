import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileLocks } from './file-lock.ts'

const locks = fileLocks()
let directory: string

/** Another process that locks a file: Python's library has the same call. */
const holds = `import fcntl, sys
file = open(sys.argv[1], 'r+')
fcntl.lockf(file, fcntl.LOCK_EX)
print('locked', flush=True)
sys.stdin.read()`

describe.skipIf(locks === undefined)('locks on files', () => {
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'weft-lock-'))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  test('nobody holds a file that is only open', () => {
    const path = join(directory, 'open')
    const file = openSync(path, 'w')
    expect(locks?.holder(path)).toBe(undefined)
    closeSync(file)
  })

  test('a file that is not there cannot be asked', () => {
    expect(() => locks?.holder(join(directory, 'nothing'))).toThrow('ENOENT')
  })

  test('who has a file locked, and that no other can', async () => {
    const path = join(directory, 'held')
    const file = openSync(path, 'w')
    const other = spawn('python3', ['-c', holds, path], { stdio: ['pipe', 'pipe', 'inherit'] })
    await new Promise(resolve => other.stdout.once('data', resolve))
    expect(locks?.holder(path)).toBe(other.pid)
    expect(locks?.lock(file)).toBe(false)
    const ended = new Promise(resolve => other.once('exit', resolve))
    other.stdin.end()
    await ended
    expect(locks?.holder(path)).toBe(undefined)
    expect(locks?.lock(file)).toBe(true)
    closeSync(file)
  })
})
