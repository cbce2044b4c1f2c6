import { expect, test } from 'vitest'
import { parseRemote } from './remote.ts'

test.each([
  ['unix:/run/a', { type: 'unix', path: '/run/a' }],
  ['punix:a:b', { type: 'punix', path: 'a:b' }],
  ['tcp:10.0.0.1', { type: 'tcp', host: '10.0.0.1', port: 6653 }],
  ['tcp:[::1]:7', { type: 'tcp', host: '::1', port: 7 }],
  ['ssl:switch:6633', { type: 'ssl', host: 'switch', port: 6633 }],
  ['ptcp:', { type: 'ptcp', host: undefined, port: 6653 }],
  ['ptcp:0:127.0.0.1', { type: 'ptcp', host: '127.0.0.1', port: 0 }],
  ['pssl:1:[::1]', { type: 'pssl', host: '::1', port: 1 }],
])('%s is a remote', (text, remote) => expect(parseRemote(text)).toEqual(remote))

test.each(['br0', 'unix:', 'tcp:', 'tcp:a:65536', 'ptcp:x', 'foo:bar', ''])('%j is none', text =>
  expect(parseRemote(text)).toBeUndefined(),
)
