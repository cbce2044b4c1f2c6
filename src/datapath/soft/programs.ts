import type { Action } from '../action.ts'
import { compile, type Program } from './program.ts'

/** What a flow does, as it was said and as it is carried out. */
export type Compiled = { readonly actions: readonly Action[]; readonly program: Program }

/** Lists of ports that are remembered; beyond that they are forgotten all at once. */
const most = 4096

/**
 * What flows do, made once for all flows that only send to the same ports: where there are very many, most are such, and share
 * the lists.
 */
export class Programs {
  private readonly known = new Map<string, Compiled>()

  /** Throws for a `set` that no datapath can do. */
  of(actions: readonly Action[]): Compiled {
    let ports = ''
    for (const action of actions) {
      if (action.type !== 'output') return { actions, program: compile(actions) }
      ports += `${action.port},`
    }
    const known = this.known.get(ports)
    if (known !== undefined) return known
    const made = { actions, program: compile(actions) }
    if (this.known.size >= most) this.known.clear()
    this.known.set(ports, made)
    return made
  }
}
