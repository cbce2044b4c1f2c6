import { describe, expect, test } from 'vitest'
import { output, terminal, testMachine } from '../machine.testing.ts'
import { formatDate } from './date.ts'
import { echoText, unescaped } from './echo.ts'
import { printf } from './printf.ts'
import { interval } from './time.ts'

// What these commands print is compared with the real ones in test/interop; here is what only a simulated machine has.

describe('ls', () => {
  test('fills columns on a terminal', () => {
    const at = terminal()
    at.type('mkdir d; cd d; touch one two three four five six seven eight nine ten\n')
    expect(at.type('ls\n')).toBe('eight  five  four  nine  one  seven  six  ten  three  two\nroot@hv1:~/d# ')
    at.type('touch a-rather-long-name-of-a-file another-rather-long-name-of-a-file\n')
    expect(at.type('ls\n').split('\n')[1]).toMatch(/ {2}\w/)
  })

  test('shows dates of the machine’s clock, links and devices', () => {
    const { run } = testMachine()
    run('cd /tmp; echo hello > f; sleep 3600; ln -s f l; mkdir d')
    expect(run('ls -l /tmp').stdout).toBe(
      'total 8\ndrwxr-xr-x 2 root root 4096 Jan  1 01:00 d\n-rw-r--r-- 1 root root    6 Jan  1 00:00 f\nlrwxrwxrwx 1 root root    1 Jan  1 01:00 l -> f\n',
    )
    expect(run('ls -l /dev/null').stdout).toBe('crw-rw-rw- 1 root root 1, 3 Jan  1 00:00 /dev/null\n')
    expect(run('ls -t /tmp').stdout).toBe('d\nl\nf\n')
  })

  test('lists namespaces where `ip` puts them', () => {
    const { run } = testMachine()
    run('mkdir /run/netns; touch /run/netns/red /run/netns/green')
    expect(run('ls /var/run/netns/').stdout).toBe('green\nred\n')
  })
})

describe('ps and kill', () => {
  test('see the machine’s processes', () => {
    const { run } = testMachine()
    expect(run('sleep 50 & ps -ef | grep sleep | grep -v grep').stdout).toBe(
      'root         101     100  0 00:00 ?        00:00:00 sleep 50\n',
    )
    expect(run('sleep 50 & pgrep sleep').stdout).not.toBe('')
    expect(run('pkill sleep; pgrep sleep; echo $?').stdout).toBe('1\n')
    expect(run('ps aux').stdout.split('\n')[0]).toBe(
      'USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND',
    )
  })

  test('kill ends by number and by name, and says whom it cannot find', () => {
    expect(output('sleep 9 & kill -TERM $!; wait $!; echo $?')).toBe('143\n')
    expect(output('kill 4242')).toBe('bash: kill: (4242) - No such process\n')
    expect(output('/usr/bin/kill 4242')).toBe('kill: (4242): No such process\n')
  })
})

describe('hostname, uname, id', () => {
  test('tell of the machine', () => {
    expect(output('hostname; hostname web1.example; hostname -s; uname -n; uname -a; id')).toBe(
      'hv1\nweb1\nweb1.example\nLinux web1.example 6.1.0-weft #1 SMP PREEMPT_DYNAMIC x86_64 GNU/Linux\nuid=0(root) gid=0(root) groups=0(root)\n',
    )
  })
})

describe('time', () => {
  test('sleep adds its intervals', () => {
    const { run, clock } = testMachine()
    run('sleep 1m 0.5 .5s')
    expect(clock.now()).toBe(61e9)
    expect([interval('2h'), interval('1d'), interval('x'), interval('-1'), interval('1.')]).toEqual([
      7200e9,
      86400e9,
      undefined,
      undefined,
      1e9,
    ])
  })

  test('timeout ends what takes too long', () => {
    const { run, clock } = testMachine()
    expect(run('timeout 2 sleep 100').status).toBe(124)
    expect(clock.now()).toBe(2e9)
    expect(run('timeout -s KILL 1 sleep 100').status).toBe(137)
  })

  test('date formats', () => {
    expect(formatDate('%F %T.%N %s %%', 1_700_000_000_123)).toBe('2023-11-14 22:13:20.123000000 1700000000 %')
    expect(output('date -I; date -R; date +%s')).toBe('2026-01-01\nThu, 01 Jan 2026 00:00:00 +0000\n1767225600\n')
  })
})

describe('tee, head and cat', () => {
  test('pass on what comes as it comes', () => {
    const at = terminal()
    at.type('')
    expect(at.type('(echo a; sleep 5; echo b) | tee /tmp/f | cat\n', 1)).toContain('a\n')
    expect(at.type('', 5)).toBe('b\nroot@hv1:~# ')
  })

  test('cat of a terminal ends at its end', () => {
    const at = terminal()
    at.type('')
    expect(at.type('cat\nline\n')).toBe('line\n')
    expect(at.interrupt()).toBe('\nroot@hv1:~# ')
  })
})

describe('printf and echo', () => {
  test('formats', () => {
    expect(printf('%s-%03d|', ['a', '7', 'b'])).toEqual({ text: 'a-007|b-000|', errors: [] })
    expect(printf('%d', ['x'])).toEqual({ text: '0', errors: ['x: invalid number'] })
    expect(printf('%', [])).toMatchObject({ errors: ["`%': missing format character"] })
    expect(printf('%y', ['1'])).toMatchObject({ errors: ["`y': invalid format character"] })
    expect(printf('%u %x', ['-1', '-1']).text).toBe('18446744073709551615 ffffffffffffffff')
    expect(printf('%G|%E', ['0.00001', '1234.5']).text).toBe('1E-05|1.234500E+03')
  })

  test('escapes', () => {
    expect(echoText(['-e', 'a\\x41\\0101\\u00e9\\cz'])).toBe('aAAé')
    expect(echoText(['-x', '-n'])).toBe('-x -n\n')
    expect(unescaped('\\101\\q\\', 'printf')).toEqual({ text: 'A\\q\\', stop: false })
  })
})

describe('tail -f', () => {
  test('prints what is added, under the title of its file, and says that one was cut', () => {
    const { run } = testMachine()
    run('cd /tmp; echo a > one; echo b > two')
    const ran = run(
      'cd /tmp; tail -f one two & sleep 1; echo c >> one; sleep 1; echo d >> one; echo e >> two; sleep 1; rm one; echo f > two; sleep 1; kill $!; wait',
    )
    expect(ran.stdout).toBe('==> one <==\na\n\n==> two <==\nb\n\n==> one <==\nc\nd\n\n==> two <==\ne\nf\n')
    expect(ran.stderr).toContain('tail: two: file truncated\n')
  })

  test('without a file there is nothing to wait for', () => {
    const { run } = testMachine()
    expect(run('tail -f /nofile')).toMatchObject({
      status: 1,
      stderr: "tail: cannot open '/nofile' for reading: No such file or directory\ntail: no files remaining\n",
    })
  })
})
