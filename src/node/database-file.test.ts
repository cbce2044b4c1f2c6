import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { utf8 } from '../runtime/index.ts'
import { DatabaseFile } from './database-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-file-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const opened = (name: string, create: boolean): DatabaseFile => {
  const file = DatabaseFile.open(join(folder, name), { create })
  if (typeof file === 'string') throw new Error(file)
  return file
}
const synced = (file: DatabaseFile): Promise<string | undefined> => new Promise(done => file.sync(done))

test('a file grows, shrinks and is replaced, also while it is being written to disk', async () => {
  const file = opened('a.db', true)
  expect(existsSync(join(folder, '.a.db.~lock~'))).toBe(true)
  expect(statSync(join(folder, 'a.db')).mode & 0o777).toBe(0o640)
  file.append(utf8('one'))
  file.append(utf8('two'))
  expect(file.truncate(4)).toBeUndefined()
  expect(Buffer.from(file.read(1, 10)).toString()).toBe('net')
  const first = synced(file)
  expect(file.replace([utf8('new '), utf8('file')])).toBeUndefined()
  file.append(utf8('!'))
  expect(await first).toBeUndefined()
  expect(await synced(file)).toBeUndefined()
  expect(readFileSync(join(folder, 'a.db'), 'utf8')).toBe('new file!')
  expect(existsSync(join(folder, 'a.db.tmp'))).toBe(false)
  file.close()
  const again = opened('a.db', false)
  expect(Buffer.from(again.read(0, 100)).toString()).toBe('new file!')
  again.close()
})

test('all that comes in one turn is on disk together', async () => {
  const file = opened('t.db', true)
  const done: number[] = []
  for (let i = 0; i < 3; i++) file.sync(() => done.push(i))
  expect(done).toEqual([])
  await new Promise(resolve => setImmediate(resolve))
  expect(done).toEqual([0, 1, 2])
  file.sync(() => done.push(3))
  file.close()
  expect(done).toEqual([0, 1, 2, 3])
})

test('a symbolic link stays one, and leads to the file that takes the place', () => {
  opened('real.db', true).close()
  symlinkSync('real.db', join(folder, 'link.db'))
  const file = opened('link.db', false)
  expect(file.replace([utf8('x')])).toBeUndefined()
  file.close()
  expect(lstatSync(join(folder, 'link.db')).isSymbolicLink()).toBe(true)
  expect(readFileSync(join(folder, 'real.db'), 'utf8')).toBe('x')
  expect(existsSync(join(folder, '.real.db.~lock~'))).toBe(true)
  expect(existsSync(join(folder, '.link.db.~lock~'))).toBe(false)
})

test('what cannot be opened says why', () => {
  const path = join(folder, 'b.db')
  expect(DatabaseFile.open(path)).toBe(`${path}: open failed (No such file or directory)`)
  opened('b.db', true).close()
  expect(DatabaseFile.open(path, { create: true })).toBe(`${path}: create failed (File exists)`)
  const locked = `${path}: failed to lock lockfile (Resource temporarily unavailable)`
  expect(DatabaseFile.open(path, { lock: () => false })).toBe(locked)
})
