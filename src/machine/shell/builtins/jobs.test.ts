import { describe, expect, test } from 'vitest'
import { output, terminal } from '../../machine.testing.ts'

const prompt = 'root@hv1:~# '
const started = () => {
  const at = terminal()
  at.type('sleep 1 &\n')
  at.type('sleep 2 &\n')
  at.type('sleep 30 &\n', 0)
  return at
}

describe('jobs', () => {
  test('are listed with their number, mark and state', () => {
    const at = started()
    expect(at.type('jobs\n')).toContain(
      '[1]   Running                 sleep 1 &\n[2]-  Running                 sleep 2 &\n[3]+  Running                 sleep 30 &\n',
    )
    expect(at.type('jobs -p > /tmp/p; wc -l < /tmp/p\n')).toBe(`3\n${prompt}`)
    expect(at.type('', 3)).toBe('')
    expect(at.type('(exit 3) &\n')).toMatch(/^\[4\] \d+\n/)
    expect(at.type('jobs\n')).not.toContain('exit 3')
  })

  test('are ended by kill, and the prompt says how', () => {
    const at = started()
    const screen = at.type('kill %3; kill -KILL %2; kill -s HUP %1\n')
    expect(screen).toContain('[1]   Hangup                  sleep 1\n')
    expect(screen).toContain('[2]-  Killed                  sleep 2\n')
    expect(screen).toContain('[3]+  Terminated              sleep 30\n')
    expect(at.type('jobs\n')).toBe(prompt)
  })

  test('are named by number, mark, text and process id', () => {
    for (const name of ['%2', '%-', '"%sleep 2"', '$!']) {
      const at = terminal()
      at.type(name === '$!' ? 'sleep 9 & sleep 8 & sleep 2 &\n' : 'sleep 9 & sleep 2 & sleep 8 &\n')
      at.type(`kill ${name}; wait ${name}; echo $?\n`)
      expect(at.type('jobs\n'), name).not.toContain('sleep 2')
    }
  })

  test('come to the foreground', () => {
    const at = terminal()
    at.type('(sleep 2; exit 5) &\n')
    expect(at.type('fg; echo $?\n', 1)).toBe('(sleep 2; exit 5)\n')
    expect(at.type('', 2)).toBe(`5\n${prompt}`)
    expect(at.type('fg\n')).toBe(`bash: fg: current: no such job\n${prompt}`)
  })
})

describe('wait', () => {
  test('gives the status of the one that is named', () => {
    expect(output('(exit 3) & a=$!; (exit 4) & b=$!; wait $b; echo $?; wait $a; echo $?')).toBe('4\n3\n')
    expect(output('sleep 5 & kill $!; wait $!; echo $?')).toBe('143\n')
    expect(output('wait; echo $?')).toBe('0\n')
  })

  test('is ended by Ctrl-C, and the job is not', () => {
    const at = terminal()
    at.type('sleep 5 &\n')
    expect(at.type('wait; echo no\n', 1)).toBe('')
    expect(at.interrupt()).toBe(`\n${prompt}`)
    expect(at.type('jobs\n')).toBe(`[1]+  Running                 sleep 5 &\n${prompt}`)
  })

  // As bash 5.2 says it.
  test.each([
    ['wait 4242', 'bash: wait: pid 4242 is not a child of this shell\n', 127],
    ['wait %5', 'bash: wait: %5: no such job\n', 127],
    ['wait x', "bash: wait: `x': not a pid or valid job spec\n", 127],
    ['kill x', 'bash: kill: x: arguments must be process or job IDs\n', 1],
    ['kill -FOO 1', 'bash: kill: FOO: invalid signal specification\n', 1],
    ['kill %1', 'bash: kill: %1: no such job\n', 1],
  ])('%s', (line, message, status) => {
    expect(output(`${line}; echo $?`)).toBe(`${status}\n${message}`)
  })
})

describe('type and command', () => {
  test('say what a name is', () => {
    expect(output('f() { :; }; type -t f cd if ls nosuch; command -v f cd if ls; type cd ls if')).toBe(
      'function\nbuiltin\nkeyword\nfile\nf\ncd\nif\n/usr/bin/ls\ncd is a shell builtin\nls is /usr/bin/ls\nif is a shell keyword\n',
    )
    expect(output('type nosuch; echo $?; command -v nosuch; echo $?')).toBe('1\n1\nbash: type: nosuch: not found\n')
  })

  test('pass functions by', () => {
    expect(output('echo() { printf "mine\\n"; }; echo a; command echo b; unset -f echo; echo c')).toBe('mine\nb\nc\n')
  })
})
