/** The locks of RFC 7047 §4.1.8: the first in a queue holds it. */
export class Locks<Owner> {
  private readonly queues = new Map<string, Owner[]>()

  holder(name: string): Owner | undefined {
    return this.queues.get(name)?.[0]
  }

  isIn(name: string, owner: Owner): boolean {
    return this.queues.get(name)?.includes(owner) === true
  }

  /** Puts `owner` at the end, or with `steal` before the one who holds it, who waits then. Says whether it holds it. */
  join(name: string, owner: Owner, steal: boolean): boolean {
    const queue = this.queues.get(name) ?? []
    this.queues.set(name, queue)
    if (steal) queue.unshift(owner)
    else queue.push(owner)
    return queue[0] === owner
  }

  /** Says who holds the lock now that `owner`, who held it, is gone from its queue; undefined if nobody new does. */
  leave(name: string, owner: Owner): Owner | undefined {
    const queue = this.queues.get(name) ?? []
    const place = queue.indexOf(owner)
    if (place < 0) return undefined
    queue.splice(place, 1)
    if (queue.length === 0) this.queues.delete(name)
    return place === 0 ? queue[0] : undefined
  }
}
