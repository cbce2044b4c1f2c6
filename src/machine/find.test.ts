import { describe, expect, test } from 'vitest'
import { output, testMachine } from './machine.testing.ts'

const find = (name: string, prepare = '', path?: string) => {
  const { machine, run } = testMachine()
  run(prepare)
  if (path !== undefined) machine.init.env.set('PATH', path)
  const { kind, ...found } = machine.find(name, machine.init)
  return { kind, ...('path' in found ? { path: found.path } : { status: found.status, why: found.why }) }
}

describe('a program is found', () => {
  test('through $PATH, in its order', () => {
    expect(find('ls')).toEqual({ kind: 'command', path: '/usr/bin/ls' })
    const own = 'mkdir /tmp/b; echo : > /tmp/b/ls; chmod 755 /tmp/b/ls'
    expect(find('ls', own, '/tmp/b:/usr/bin')).toEqual({ kind: 'script', path: '/tmp/b/ls' })
    expect(find('ls', own, '/usr/bin:/tmp/b')).toEqual({ kind: 'command', path: '/usr/bin/ls' })
  })

  test('by its path if the name has a slash, also through links', () => {
    expect(find('/bin/ls')).toEqual({ kind: 'command', path: '/bin/ls' })
    expect(find('/tmp/l', 'ln -s /usr/bin/cat /tmp/l')).toEqual({ kind: 'command', path: '/tmp/l' })
    expect(find('/usr/bin/nosuch')).toEqual({ kind: 'none', status: 127, why: 'No such file or directory' })
    expect(find('/tmp')).toEqual({ kind: 'none', status: 126, why: 'Is a directory' })
    expect(find('/etc/hosts/x')).toEqual({ kind: 'none', status: 126, why: 'Not a directory' })
  })

  test('only if it may be executed; one further on in $PATH may', () => {
    const plain = 'mkdir /tmp/b /tmp/c; echo : > /tmp/b/p; echo : > /tmp/c/p; chmod 755 /tmp/c/p'
    expect(find('p', plain, '/tmp/b')).toEqual({ kind: 'none', status: 126, why: 'Permission denied' })
    expect(find('p', plain, '/tmp/b:/tmp/c')).toEqual({ kind: 'script', path: '/tmp/c/p' })
    expect(find('b', plain, '/tmp')).toEqual({ kind: 'none', status: 127, why: 'command not found' })
    expect(find('nosuch')).toEqual({ kind: 'none', status: 127, why: 'command not found' })
  })

  test('in the present directory where $PATH has nothing between its colons', () => {
    expect(output('cd /tmp; echo "echo here" > p; chmod +x p; PATH=:/usr/bin; p; PATH=/usr/bin; p')).toBe(
      'here\nbash: p: command not found\n',
    )
  })
})
