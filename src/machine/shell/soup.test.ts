// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the strings are shell programs
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { start } from '../../runtime/index.ts'
import { testMachine } from '../machine.testing.ts'

const pieces = [
  'echo a',
  'x=1',
  '$x',
  '"$x"',
  '${x:-b}',
  '$(echo c)',
  '`echo d`',
  '$((1+x))',
  'cd /tmp',
  'cd ..',
  'for i in 1 2; do',
  'done',
  'if true; then',
  'fi',
  'else',
  '{',
  '}',
  '(',
  ')',
  ';',
  '&&',
  '||',
  '|',
  '&',
  '\n',
  '> f',
  '< f',
  '2>&1',
  'cat',
  'grep a',
  'break',
  'continue',
  'return',
  'exit',
  'wait',
  'read y',
  'f() {',
  'f',
  'set -e',
  'set -u',
  'shift',
  'test',
  '[ a = a ]',
  '[[ a == a ]]',
  '((x++))',
  'while true; do',
  'seq 3',
  'head -1',
  'eval',
  'local z',
  'unset x',
  'printf %d',
  '{a,b}',
  '*',
  'exec',
  'trap f EXIT',
  '!',
  'sleep 1',
  'case a in a)',
  ';;',
  'esac',
  '"',
  "'",
]

test('whatever a line says, it runs or complains, and its processes end or wait for time', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 14 }), soup => {
      const { machine, clock } = testMachine()
      let status: number | undefined
      start(machine.exec(soup.join(' ')), { done: ran => (status = ran.status) })
      // A loop that never ends is a valid program: after this many events it is ended from outside.
      for (let steps = 0; status === undefined && steps < 300; steps++) if (!clock.step()) break
      for (const process of [...machine.processes.values()]) if (process.pid !== 1) process.signal('KILL')
      expect(status === undefined || (status >= 0 && status <= 255)).toBe(true)
      expect(machine.processes.size).toBe(1)
    }),
    { numRuns: 800 },
  )
})
