/** Mininet's block of the field notes, word for word, with what is printed. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type MnPlatform, parseOptions, runMn } from '../../src/lab/mininet/index.ts'
import * as custom from './topo.ts'

const transcript = readFileSync(new URL('mininet.txt', import.meta.url), 'utf8')
const prompt = 'mininet> '

/** What a screen shows when these lines are typed: `$` is a shell's prompt, of which only `sudo mn` is known. */
const played = async (lines: readonly string[]): Promise<string> => {
  let screen = ''
  const print = (text: string): void => {
    screen += text.replaceAll('\r', '')
  }
  const left = [...lines]
  for (let line = left.shift(); line !== undefined; line = left.shift()) {
    screen += `${line}\n`
    const words = /^\$ sudo mn ?(.*)$/.exec(line)
    if (words === null) throw new Error(`nobody reads ${line}`)
    const platform: MnPlatform = {
      print,
      say: print,
      readFile: path => (path === 'topo.ts' ? 'it is there' : undefined),
      load: async () => custom,
      inspect: String,
      erase: code => code,
      interactive: true,
      create: () => ({ ok: false, why: 'there is no file' }),
      onInterrupt: () => {},
      now: () => 0,
      readTopo: () => Promise.reject(new Error('there is no file')),
      async interact(mn) {
        while (left[0]?.startsWith(prompt)) {
          const typed = left.shift() as string
          screen += `${typed}\n`
          if (await mn.run(typed.slice(prompt.length))) return
        }
      },
    }
    const { options } = parseOptions((words[1] as string).split(' ').filter(Boolean))
    expect(await runMn(options, platform)).toBe(0)
  }
  return screen
}

const typed = transcript.split('\n').filter(line => /^(\$|mininet>) /.test(line))

/** MACs are by chance; how fast TCP is where nothing slows it down is nobody's promise. */
const compared = (text: string): string =>
  text.replace(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g, 'MAC').replace(/'[\d.]+ Gbits\/sec'/g, 'RATE')

test('mininet.txt', { timeout: 120_000 }, async () => {
  expect(compared(await played(typed))).toBe(compared(transcript))
})

test('has every line of the field notes', () => {
  for (const line of [
    'sudo mn',
    'sudo mn -c',
    'sudo mn --link tc,bw=10,delay=10ms',
    'sudo mn --custom topo.ts --topo mytopo',
  ])
    expect(typed).toContain(`$ ${line}`)
  for (const line of ['nodes', 'help', 'pingall', 'dump', 'net', 'iperf', 'sh ovs-ofctl show s1'])
    expect(typed).toContain(`${prompt}${line}`)
})
