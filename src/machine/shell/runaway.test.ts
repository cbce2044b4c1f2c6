// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the strings are shell programs
import { describe, expect, test } from 'vitest'
import { terminal, testMachine } from '../machine.testing.ts'

const prompt = 'root@hv1:~# '
const many = (text: string, count = 20_000): string => text.repeat(count)
const script = (text: string) => testMachine().run(['bash', '-c', text])

describe('a program that never waits', () => {
  test.each([
    'while true; do :; done',
    'yes > /dev/null',
    'yes | cat > /dev/null',
    'for ((;;)); do :; done',
    'until false; do x=$((x+1)); done',
    'x=$(yes)',
    'yes | sort | wc',
    'seq 1 1e12 | tail -1',
    'f() { f | f; }; f 2> /dev/null',
    'for i in {1..9999}; do for j in {1..9999}; do :; done; done',
    'g() { [ $1 = 0 ] || { g $(($1-1)); g $(($1-1)); }; }; g 100',
  ])('%s: time goes on, and Ctrl-C ends it', line => {
    const at = terminal()
    at.type('')
    expect(at.type(`${line}\n`, 0.005)).toBe('')
    expect(at.interrupt(1)).toBe(`\n${prompt}`)
    expect(at.machine.processes.size).toBe(2)
    expect(at.type('echo fine\n')).toBe(`fine\n${prompt}`)
  })

  test('a bomb leaves room for others', () => {
    const at = terminal()
    at.type('')
    at.type('bomb() { bomb | bomb & }; bomb 2> /dev/null\n', 0.02)
    expect(at.machine.processes.size).toBeLessThanOrEqual(1000)
    expect(at.type('echo fine\n', 0.01)).toContain('fine\n')
  })

  test('is ended where it wants more memory than there is', () => {
    expect(script('x=$(yes); echo no')).toMatchObject({ status: 2, stdout: '' })
    expect(script('x=aaaa; while :; do x+=$x; done').stderr).toMatch(
      /^bash: line 1: xrealloc: cannot allocate \d+ bytes\n$/,
    )
    expect(script(`x=${many('a')}; y=\${x//a/$x}`).stderr).toContain('cannot allocate 400020000 bytes')
    expect(script('yes | sort').stderr).toBe('sort: memory exhausted\n')
    expect(script('echo {1..99999}{1..99999}').stderr).toBe(
      'bash: line 1: brace expansion: failed to allocate memory for 9999800001 elements\n',
    )
  })
})

describe('a program that calls itself', () => {
  test.each([
    ['f() { f; }; f; echo no', 'f', 1],
    ['f() { if true; then while true; do { case x in x) f ;; esac; }; done; fi; }; f', 'f', 1],
    ['x=\'eval "$x"\'; eval "$x"; echo no', 'eval', 1],
    ['echo ". /tmp/s" > /tmp/s; . /tmp/s; echo no', '/tmp/s', 1],
    ['f() { (f); }; f', 'f', 1],
    ['f() { x=$(f); return $?; }; f', 'f', 1],
  ])('%s', (text, name, status) => {
    expect(script(text)).toEqual({
      status,
      stdout: '',
      stderr: `bash: line 1: ${name}: maximum nesting level exceeded (300)\n`,
    })
  })

  test('through other shells gets no more processes', () => {
    expect(script('echo "bash /tmp/s" > /tmp/s; bash /tmp/s')).toEqual({
      status: 254,
      stdout: '',
      stderr: '/tmp/s: line 1: fork: Resource temporarily unavailable\n',
    })
    expect(script('echo "env bash /tmp/s" > /tmp/s; bash /tmp/s').status).toBe(254)
  })

  test('and ends may go deep, at once or after a wait', () => {
    const sum = 'f() { if [ $1 = 0 ]; then END; echo 0; else echo $(( $1 + $(f $(($1-1))) )); fi; }; f 100'
    expect(script(sum.replace('END', ':')).stdout).toBe('5050\n')
    expect(script(sum.replace('END', 'sleep 1')).stdout).toBe('5050\n')
    expect(script('f() { [ $1 = 290 ] && sleep 1 || f $(($1+1)); }; f 0; echo $?').stdout).toBe('0\n')
  })

  test('a shell that waits deep inside is interrupted as any other', () => {
    const at = terminal()
    at.type('')
    at.type('f() { [ $1 = 200 ] && sleep 100 || f $(($1+1)); }; f 0; echo no\n')
    expect(at.interrupt()).toBe(`\n${prompt}`)
    expect(at.type('f() { [ $1 = 100 ] && sleep 100 || (f $(($1+1))); }; f 0; echo no\n')).toBe('')
    expect(at.machine.processes.size).toBe(103)
    expect(at.interrupt()).toBe(`\n${prompt}`)
    expect(at.machine.processes.size).toBe(2)
  })

  test('local variables and parameters come back after the failure of a deep call', () => {
    const at = terminal()
    at.type('')
    at.type('x=1; f() { local x=$1; f 2; }; f 3\n')
    expect(at.type('echo $x $#\n')).toBe(`1 0\n${prompt}`)
    expect(at.type('g() { g2() { echo deep; }; g2; }; g\n')).toBe(`deep\n${prompt}`)
  })
})

describe('a text that nests without end', () => {
  test.each([
    many('('),
    many('( '),
    many('$('),
    many('$(('),
    many('{ '),
    many('if '),
    many('while '),
    many('case x in x) '),
    `echo ${many('"$(')}`,
    `echo ${many('${x:-')}`,
    `[[ ${many('! ')} a ]]`,
    `[[ ${many('( ')} a ]]`,
    `((${many('(')}`,
    many('f() '),
    many('f() { '),
  ])('%#: a message', text => {
    const ran = script(text)
    expect(ran.status).toBe(2)
    expect(ran.stderr).toMatch(/nested too deeply|unexpected|syntax error/)
  })

  test.each([
    ['arithmetic in parentheses', `echo $((${many('(')}1${many(')')}))`],
    ['signs', `echo $((${many('-')}1))`],
    ['powers', `echo $((${many('2**')}1))`],
    ['conditions', `echo $((${many('1?')}1))`],
    ['a variable that is itself', 'x=x; echo $((x))'],
    ['two that are each other', 'x=y; y=x; echo $((x))'],
  ])('%s: recursion level exceeded', (_, text) => {
    const ran = script(text)
    expect(ran.status).toBe(1)
    expect(ran.stderr).toContain('expression recursion level exceeded')
  })

  test('test takes a hundred parentheses', () => {
    const nested = (count: number) => script(`test ${many("'(' ", count)} a ${many("')' ", count)}`)
    expect(nested(90).status).toBe(0)
    expect(nested(2000).stderr).toBe('bash: line 1: test: nested too deeply\n')
  })

  test('braces deeper than a hundred stay as they are', () => {
    expect(script(`echo ${many('{a,', 300)}b${many('}', 300)}`).status).toBe(0)
    expect(script('echo {a,{b,{c,d}}}').stdout).toBe('a b c d\n')
  })

  test('directories end at a depth', () => {
    const ran = script(`mkdir -p ${many('d/', 300)}; echo $?; mkdir -p ${many('d/', 200)}; ls -R | wc -l; rm -r d; ls`)
    expect(ran.stdout).toBe('1\n601\n')
    expect(ran.stderr).toContain('File name too long')
  })
})

test('a here-document of 10 MB', () => {
  const line = `${many('x', 99)}\n`
  const begun = performance.now()
  expect(script(`cat <<E | wc -c\n${many(line, 100_000)}E`).stdout).toBe('10000000\n')
  // Four seconds were too many; a slow machine may take three times as long as this one.
  expect(performance.now() - begun).toBeLessThan(10_000)
})
