import type { Around } from './around.ts'
import type { Mininet } from './mininet.ts'
import { Node } from './node.ts'

/** What `py` and `px` do: JavaScript or TypeScript on the live network, in which nodes have their names. */
export class Evaluator {
  private readonly net: Mininet
  private readonly around: Pick<Around, 'inspect' | 'erase'>
  private readonly own = new Map<string, unknown>()
  private readonly scope: object

  constructor(net: Mininet, around: Pick<Around, 'inspect' | 'erase'>) {
    this.net = net
    this.around = around
    const find = (name: string | symbol): unknown => this.find(name)
    this.scope = new Proxy(Object.create(null) as object, {
      // All names are looked up here, so that what is assigned stays for the next line.
      has: (_, name) => typeof name === 'string' && (this.knows(name) || !(name in globalThis)),
      get: (_, name) => find(name),
      set: (_, name, value) => {
        this.own.set(String(name), value)
        return true
      },
    })
  }

  /** The value of an expression; promises are waited for. */
  async value(code: string): Promise<unknown> {
    return await this.call(`return (${this.around.erase(`(${code})`).replace(/;\s*$/, '')})`)
  }

  /** Runs a statement. */
  async statement(code: string): Promise<void> {
    await this.call(this.around.erase(code))
  }

  /** The value as `py` prints it: a text as it is, a node by its parts, nothing for nothing. */
  text(value: unknown): string {
    if (value === undefined || value === null || value === false || value === 0 || value === '') return ''
    if (typeof value === 'string') return `${value}\n`
    return `${value instanceof Node ? value.repr() : this.around.inspect(value)}\n`
  }

  private call(body: string): Promise<unknown> {
    // The body is a function of its own inside `with`, so that it may wait.
    const make = new Function('scope', `with (scope) { return (async () => { ${body} })() }`) as (
      scope: object,
    ) => Promise<unknown>
    return make(this.scope)
  }

  private knows(name: string): boolean {
    return name === 'net' || this.own.has(name) || this.net.has(name)
  }

  private find(name: string | symbol): unknown {
    if (typeof name === 'symbol') return undefined
    if (this.own.has(name)) return this.own.get(name)
    if (name === 'net') return this.net
    if (this.net.has(name)) return this.net.get(name)
    throw new ReferenceError(`name '${name}' is not defined`)
  }
}
