import { type Around, onTerminal, type PromptCommand, type PromptView } from './around.ts'
import { Interrupted } from './calls.ts'
import { Evaluator } from './evaluate.ts'
import { LinkTraffic } from './link-traffic.ts'
import type { Mininet } from './mininet.ts'
import type { Node } from './node.ts'
import { commands, helps } from './prompt-commands.ts'

/** Mininet's prompt without its terminal: takes lines, and says when one ended it. */
export class Prompt implements PromptView {
  readonly net: Mininet
  readonly around: Around
  readonly evaluator: Evaluator
  readonly traffic: LinkTraffic
  /** The node whose command runs: what is typed goes there. */
  foreground: Node | undefined

  private readonly commands: Readonly<Record<string, PromptCommand>>
  /** The node's command was told to end. */
  private asked = false

  /** `own` are commands besides Mininet's, or instead of them. */
  constructor(net: Mininet, around: Around, own: Readonly<Record<string, PromptCommand>> = {}) {
    this.commands = { ...commands, ...own }
    this.net = net
    this.around = around
    this.evaluator = new Evaluator(net, around)
    this.traffic = new LinkTraffic(net)
  }

  /** Runs a line; true if it ends the prompt. */
  async run(line: string): Promise<boolean> {
    const { output } = this.net
    try {
      return await this.one(line)
    } catch (error) {
      if (error instanceof Interrupted) output.output('\nInterrupt\n')
      else output.error(`*** ${error instanceof Error ? error.message : String(error)}\n`)
      return false
    }
  }

  /** Runs a line; mistakes are thrown. */
  async one(line: string): Promise<boolean> {
    const text = line.split('#')[0]!.trim()
    if (text === '') return false
    const [, word = '', rest = ''] = /^(\?|!|[A-Za-z0-9_]*)\s*(.*)$/s.exec(text) ?? []
    const name = word === '?' ? 'help' : word
    const command = Object.hasOwn(this.commands, name) ? this.commands[name] : undefined
    if (command !== undefined) return (await command(this, rest)) === true
    const [first = '', ...words] = text.split(' ')
    const node = this.net.has(first) ? this.net.get(first) : undefined
    if (node === undefined) this.net.output.error(`*** Unknown command: ${text}\n`)
    else if (words.join('').trim() === '')
      this.net.output.error(`*** Please enter a command for node: ${first} <cmd>\n`)
    else await this.onNode(node, words)
    return false
  }

  /** Ctrl-C: to the command that runs on a node, or to what is waited for. One that does not hear it is left alone at the second. */
  interrupt(): void {
    if (this.foreground === undefined || this.asked) this.net.box.calls.interrupt()
    else {
      this.asked = true
      this.foreground.sendInt()
    }
  }

  /** Words that could stand where the last word of `line` stands. */
  complete(line: string): string[] {
    const words = line.trimStart().split(/\s+/)
    const last = words.at(-1) ?? ''
    const names = this.net.keys()
    const [first = ''] = words
    const own =
      words.length < 2
        ? [...Object.keys(this.commands), ...names]
        : first === 'help'
          ? Object.keys(helps)
          : words.length === 2 && this.net.has(first)
            ? Object.keys(this.net.box.machine.commands)
            : names
    return own.filter(word => word.startsWith(last)).sort()
  }

  /** A node's name, or its address where it has one: what stands behind the first word. */
  private address(word: string): string {
    if (!this.net.has(word)) return word
    const node = this.net.get(word)
    return (node.intfs.size > 0 ? node.defaultIntf()?.updateIP() : undefined) ?? word
  }

  /** Runs a command line on a node, and prints what it prints. */
  private async onNode(node: Node, words: readonly string[]): Promise<void> {
    const { calls, output } = this.net.box
    calls.refuseInterrupted()
    const { keyboard } = node.shell
    // What is typed in a script is the prompt's: a program that reads finds the end.
    if (!this.around.interactive) keyboard.onWanted = () => !node.shell.atPrompt && keyboard.type(undefined)
    this.asked = false
    calls.waiting = () => (!keyboard.wanted || node.shell.atPrompt ? 'time' : this.hasJobs() ? 'both' : 'line')
    try {
      node.sendCmd(words.map(word => this.address(word)).join(' '))
      this.foreground = node
      await calls.run(node.shell.finish(text => output.output(onTerminal(text))))
    } finally {
      keyboard.onWanted = undefined
      calls.waiting = undefined
      this.foreground = undefined
    }
  }

  private hasJobs(): boolean {
    return [...this.net.box.machine.processes.values()].some(process => process.background)
  }
}
