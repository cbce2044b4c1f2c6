import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Kernel } from '../../host/index.ts'
import { fromUtf8, seeded, start, utf8, VirtualClock } from '../../runtime/index.ts'
import type { Stream } from '../streams.ts'
import { type Errno, strerror } from './errno.ts'
import { FileSystem } from './file-system.ts'
import { virtual } from './node.ts'

const make = (limits?: { bytes: number; nodes: number }) => {
  const clock = new VirtualClock()
  const namespace = new Kernel({ clock, random: seeded(1) }).root
  const at = (cwd: string) => ({ cwd, namespace, pid: 1 })
  return { clock, files: new FileSystem(clock, limits), at, root: at('/') }
}
const errno = (answer: { ok: boolean; errno?: Errno }): string => (answer.ok ? 'ok' : (answer.errno as string))
const text = (answer: { ok: true; value: string } | { ok: false; errno: Errno }): string =>
  answer.ok ? answer.value : answer.errno

describe('files', () => {
  test('are written, extended, replaced, read', () => {
    const { files, root } = make()
    expect(errno(files.write(root, '/f', 'one\n'))).toBe('ok')
    files.write(root, 'f', 'two\n', 'append')
    expect(text(files.readText(root, '/f'))).toBe('one\ntwo\n')
    files.write(root, '/f', 'x')
    expect(text(files.readText(root, '/f'))).toBe('x')
  })

  test('are found from the directory of the one who looks', () => {
    const { files, root, at } = make()
    files.mkdirAll(root, '/a/b')
    files.write(at('/a/b'), '../f', 'here')
    expect(text(files.readText(at('/a'), './f'))).toBe('here')
    expect(text(files.readText(root, 'a/b/../../a/f'))).toBe('here')
    expect(text(files.readText(root, '/../../a/f'))).toBe('here')
  })

  test('say with an errno what is wrong', () => {
    const { files, root } = make()
    files.mkdir(root, '/d')
    files.write(root, '/f', '')
    expect(errno(files.read(root, '/none'))).toBe('ENOENT')
    expect(errno(files.read(root, ''))).toBe('ENOENT')
    expect(errno(files.read(root, '/d'))).toBe('EISDIR')
    expect(errno(files.read(root, '/f/x'))).toBe('ENOTDIR')
    expect(errno(files.read(root, '/f/'))).toBe('ENOTDIR')
    expect(errno(files.write(root, '/d', ''))).toBe('EISDIR')
    expect(errno(files.write(root, '/none/x', ''))).toBe('ENOENT')
    expect(errno(files.mkdir(root, '/d'))).toBe('EEXIST')
    expect(errno(files.mkdir(root, '/f/x'))).toBe('ENOTDIR')
    expect(errno(files.mkdir(root, `/${'x'.repeat(256)}`))).toBe('ENAMETOOLONG')
    expect(strerror('ENOTEMPTY')).toBe('Directory not empty')
  })
})

describe('links', () => {
  test('are followed, except the last when asked not to', () => {
    const { files, root } = make()
    files.mkdirAll(root, '/run/netns')
    files.mkdir(root, '/var')
    files.symlink(root, '/run', '/var/run')
    files.write(root, '/var/run/netns/red', '')
    expect(files.exists(root, '/run/netns/red')).toBe(true)
    expect(files.lookup(root, '/var/run', false)).toMatchObject({ ok: true, value: { kind: 'link' } })
    files.symlink(root, '../run/netns', '/var/up')
    expect(files.exists(root, '/var/up/red')).toBe(true)
    expect(files.exists(root, '/var/up/../netns/red')).toBe(true)
  })

  test('that go round are refused', () => {
    const { files, root } = make()
    files.symlink(root, 'b', '/a')
    files.symlink(root, 'a', '/b')
    expect(errno(files.read(root, '/a'))).toBe('ELOOP')
  })
})

describe('the tree', () => {
  test('lists by name', () => {
    const { files, root } = make()
    for (const name of ['b', 'a', 'B', '.h']) files.write(root, name, '')
    const listed = files.list(root, '/')
    expect(listed.ok && listed.value.map(([name]) => name)).toEqual(['.h', 'B', 'a', 'b'])
    expect(errno(files.list(root, '/a'))).toBe('ENOTDIR')
  })

  test('removes what is empty, and with all below it when asked', () => {
    const { files, root } = make()
    files.mkdirAll(root, '/d/e')
    files.write(root, '/d/e/f', 'x')
    expect(errno(files.remove(root, '/d'))).toBe('ENOTEMPTY')
    expect(errno(files.removeTree(root, '/d'))).toBe('ok')
    expect(files.exists(root, '/d')).toBe(false)
    expect(errno(files.remove(root, '/'))).toBe('EBUSY')
  })

  test('moves, but not into itself', () => {
    const { files, root } = make()
    files.mkdirAll(root, '/d/e')
    files.write(root, '/f', 'f')
    expect(errno(files.rename(root, '/f', '/d/g'))).toBe('ok')
    expect(text(files.readText(root, '/d/g'))).toBe('f')
    expect(errno(files.rename(root, '/d', '/d/e/d'))).toBe('EINVAL')
    expect(errno(files.rename(root, '/none', '/x'))).toBe('ENOENT')
  })

  test('makes directories on the way', () => {
    const { files, root } = make()
    files.write(root, '/f', '')
    expect(errno(files.mkdirAll(root, '/a/b/c'))).toBe('ok')
    expect(errno(files.mkdirAll(root, '/a/b/c'))).toBe('ok')
    expect(errno(files.mkdirAll(root, '/f'))).toBe('EEXIST')
    expect(errno(files.mkdirAll(root, '/f/x'))).toBe('ENOTDIR')
  })
})

describe('virtual files', () => {
  test('are made when they are read, for the one who reads', () => {
    const { files, root } = make()
    let forwarding = '0'
    files.add(
      root,
      '/ip_forward',
      virtual(
        viewer => `${forwarding} ${viewer.pid}\n`,
        written => {
          if (!/^[01]\n?$/.test(written)) return 'EINVAL'
          forwarding = written.trim()
          return undefined
        },
      ),
    )
    expect(text(files.readText(root, '/ip_forward'))).toBe('0 1\n')
    expect(errno(files.write({ ...root, pid: 7 }, '/ip_forward', '1\n'))).toBe('ok')
    expect(text(files.readText({ ...root, pid: 7 }, '/ip_forward'))).toBe('1 7\n')
    expect(errno(files.write(root, '/ip_forward', 'x'))).toBe('EINVAL')
    files.add(
      root,
      '/version',
      virtual(() => 'Linux\n'),
    )
    expect(errno(files.write(root, '/version', 'x'))).toBe('EACCES')
  })
})

describe('open files', () => {
  const run = (stream: Stream, bytes: string): void => {
    start(stream.write(utf8(bytes)))
  }
  const read = (stream: Stream, most?: number): string | undefined => {
    let got: string | undefined
    start(stream.read(most), {
      done: bytes => (got = bytes === undefined ? undefined : typeof bytes === 'string' ? bytes : fromUtf8(bytes)),
    })
    return got
  }
  const open = (
    files: FileSystem,
    root: Parameters<FileSystem['open']>[0],
    mode: 'read' | 'write' | 'append' | 'update',
  ): Stream => {
    const opened = files.open(root, '/f', mode)
    if (!opened.ok) throw new Error(opened.errno)
    return opened.value
  }

  test('have positions of their own', () => {
    const { files, root } = make()
    files.write(root, '/f', 'abcdef')
    const one = open(files, root, 'read')
    const two = open(files, root, 'read')
    expect([read(one, 2), read(two, 4), read(one, 9), read(one), read(two)]).toEqual([
      'ab',
      'abcd',
      'cdef',
      undefined,
      'ef',
    ])
    expect(read(open(files, root, 'append'))).toBe('EBADF')
  })

  test('append at the end, whoever else writes', () => {
    const { files, root } = make()
    const one = open(files, root, 'append')
    const two = open(files, root, 'append')
    run(one, 'a')
    run(two, 'b')
    run(one, 'c')
    expect(text(files.readText(root, '/f'))).toBe('abc')
    const update = open(files, root, 'update')
    run(update, 'X')
    expect(text(files.readText(root, '/f'))).toBe('Xbc')
  })
})

describe('a full disk', () => {
  test('refuses bytes and names, and has room again after a removal', () => {
    const { files, root } = make({ bytes: 10, nodes: 3 })
    expect(errno(files.write(root, '/a', '12345678'))).toBe('ok')
    expect(errno(files.write(root, '/b', '123'))).toBe('ENOSPC')
    expect(errno(files.mkdir(root, '/c'))).toBe('ENOSPC')
    files.remove(root, '/a')
    expect(errno(files.write(root, '/b', '123'))).toBe('ok')
    files.write(root, '/b', '')
    expect(errno(files.write(root, '/b', '1234567890'))).toBe('ok')
  })
})

test('behaves as a map from paths to texts', () => {
  const path = fc.constantFrom('/a', '/b', '/c')
  const step = fc.oneof(
    fc.tuple(fc.constant('write' as const), path, fc.string({ maxLength: 5 })),
    fc.tuple(fc.constant('append' as const), path, fc.string({ maxLength: 5 })),
    fc.tuple(fc.constant('remove' as const), path, fc.constant('')),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), steps => {
      const { files, root } = make()
      const model = new Map<string, string>()
      for (const [op, name, content] of steps) {
        if (op === 'remove') expect(files.remove(root, name).ok).toBe(model.delete(name))
        else {
          files.write(root, name, content, op)
          model.set(name, op === 'write' ? content : (model.get(name) ?? '') + content)
        }
      }
      for (const [name, content] of model) expect(text(files.readText(root, name))).toBe(content)
    }),
  )
})
