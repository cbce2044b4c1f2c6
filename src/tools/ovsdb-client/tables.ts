import type { Task } from '../../runtime/index.ts'
import { formatTable, type Table } from '../table.ts'
import type { Call } from './call.ts'

/** Prints tables as `--format` has it, apart from each other. */
export class Tables {
  private readonly call: Call
  private any = false

  constructor(call: Call) {
    this.call = call
  }

  *print(table: Table): Task<void> {
    const { style } = this.call.options
    const apart = this.any && style.format !== 'json' && style.format !== 'html'
    this.any = true
    const lines = formatTable(table, style)
    yield* this.call.stdio.print([...(apart ? [''] : []), ...lines].map(line => `${line}\n`).join(''))
  }
}
