import type { Commit, Database } from './database.ts'
import { zeroUuid } from './datum.ts'

/**
 * The last commits to a database, for `monitor_cond_since`. With room for none, as a server has it whose database is not
 * clustered, no state has a name and nobody can ask for what came after one.
 */
export class History {
  private commits: Commit[] = []
  private readonly room: number
  /** The name of the present state. */
  last: string

  constructor(database: Database, room: number) {
    this.room = room
    this.last = room > 0 ? database.newUuid() : zeroUuid
    if (room > 0) this.first = this.last
  }

  /** The state before the first commit here. */
  private first = zeroUuid

  add(commit: Commit): void {
    if (this.room === 0) return
    this.commits.push(commit)
    this.last = commit.id
    if (this.commits.length > this.room) this.first = (this.commits.shift() as Commit).id
  }

  /** The commits after a state; undefined if it is too long ago or was never. */
  since(id: string): readonly Commit[] | undefined {
    if (this.room === 0) return undefined
    if (id === this.first) return this.commits
    const place = this.commits.findIndex(commit => commit.id === id)
    return place < 0 ? undefined : this.commits.slice(place + 1)
  }
}
