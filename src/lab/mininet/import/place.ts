/** A step into a file that is a tree: the key of a table, or a number in a list. */
export type Step = string | number
export type Path = readonly Step[]

/** A file that is no topology: what is wrong with it, and where; without a path, the message says it. */
export class ImportError extends Error {
  override name = 'ImportError'
  readonly path: Path | undefined

  constructor(message: string, path?: Path) {
    super(message)
    this.path = path
  }
}

type Table = Readonly<Record<string, unknown>>

/** A value somewhere in a file, read by those who expect something there. Whatever is not so is an `ImportError` with the place. */
export class Place {
  readonly value: unknown
  readonly path: Path

  constructor(value: unknown, path: Path = []) {
    this.value = value
    this.path = path
  }

  /** `topology.links[0].endpoints`; the whole is `the file`. */
  get name(): string {
    const text = this.path.map(step => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
    return text === '' ? 'the file' : text.replace(/^\./, '')
  }

  /** There is nothing: no such key, or `null`. */
  get isEmpty(): boolean {
    return this.value === undefined || this.value === null
  }

  refuse(message: string): never {
    throw new ImportError(message, this.path)
  }

  /** What is behind a key of a table. */
  at(key: string): Place {
    const table = this.table()
    return new Place(Object.hasOwn(table, key) ? table[key] : undefined, [...this.path, key])
  }

  /** A table's places by key; of nothing, none. */
  entries(): [string, Place][] {
    if (this.isEmpty) return []
    return Object.entries(this.table()).map(([key, value]) => [key, new Place(value, [...this.path, key])])
  }

  /** A list's places; of nothing, none. */
  items(): Place[] {
    if (this.isEmpty) return []
    if (!Array.isArray(this.value)) return this.refuse(`${this.name} is no list`)
    return this.value.map((value, i) => new Place(value, [...this.path, i]))
  }

  /** A name: a text that is not empty, or a number. */
  text(): string {
    const { value } = this
    if (typeof value === 'number') return String(value)
    if (typeof value !== 'string' || value.trim() === '') return this.refuse(`${this.name} is no name`)
    return value
  }

  number(): number {
    const { value } = this
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
    if (typeof number !== 'number' || !Number.isFinite(number))
      return this.refuse(`${this.path.at(-1)} is a number, not '${String(value)}'`)
    return number
  }

  /** Does something with a topology; what that refuses is wrong here. */
  with<T>(run: () => T): T {
    try {
      return run()
    } catch (error) {
      if (error instanceof ImportError) throw error
      return this.refuse(error instanceof Error ? error.message : String(error))
    }
  }

  private table(): Table {
    const { value } = this
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return this.refuse(`${this.name} is no mapping`)
    return value as Table
  }
}
