import { type Machine, pipe, sink } from '../../src/machine/index.ts'
import { fromUtf8, second, utf8, type VirtualClock } from '../../src/runtime/index.ts'

const promptLine = /^[\w-]+@[\w-]+:\S*# /

/** The lines typed in a transcript: what stands behind a prompt such as `root@hv1:~# `. */
export const typedLines = (transcript: string): string[] =>
  transcript
    .split('\n')
    .filter(line => promptLine.test(line))
    .map(line => line.replace(promptLine, ''))

/** What the screen of a terminal shows when these lines are typed at a machine's prompt, one when the other has ended. */
export const screenOf = (machine: Machine, clock: VirtualClock, lines: readonly string[]): string => {
  const terminal = { columns: 80 }
  let screen = ''
  const output = sink(bytes => {
    screen += fromUtf8(bytes)
  }, terminal)
  const { reader, writer } = pipe()
  const input = { ...reader.stream, terminal }
  machine.shell({ stdin: input, stdout: output, stderr: output })
  const atPrompt = (): boolean => promptLine.test(screen.slice(screen.lastIndexOf('\n') + 1))
  for (const line of lines) {
    const end = clock.now() + 60 * second
    clock.runWhile(() => !atPrompt() && clock.now() < end)
    if (!atPrompt()) throw new Error(`no prompt behind:\n${screen}`)
    screen += `${line}\n`
    const typed = writer.stream.write(utf8(`${line}\n`))
    typed.next()
  }
  const end = clock.now() + 60 * second
  clock.runWhile(() => !atPrompt() && clock.now() < end)
  return screen.slice(0, screen.lastIndexOf('\n') + 1)
}

/** Takes out what is drawn at random or measured, so that a transcript may show any such value. */
export const withoutChance = (text: string): string =>
  text
    .replace(/\b(?!ff:ff|00:00)[0-9a-f]{2}(:[0-9a-f]{2}){5}\b/g, 'MAC')
    .replace(/\bfe80::[0-9a-f:]+/g, 'fe80::LINK')
    .replace(/time=[0-9.]+ ms/g, 'time=T ms')
    .replace(/(rtt min\/avg\/max\/mdev =) .*/g, '$1 T')
    .replace(/time \d+ms/g, 'time Tms')
    .replace(/([RT]X packets) .*/g, '$1 N')
