/**
 * One declaration a header. From `header('VXLAN', 8, { vni: [4, u24] })` come the offsets, reading and writing one field
 * in place (`at.vni(bytes, 42)`, `put.vni(bytes, 42, 7)`: the caller has checked the length), and reading and writing
 * the whole as an object. All numbers are in network byte order.
 */

/** How a field lies in its bytes: `size` of them from its offset; bit fields share theirs and keep the other bits. */
export type FieldCodec<T> = {
  readonly size: number
  get(bytes: Uint8Array, at: number): T
  set(bytes: Uint8Array, at: number, value: T): void
}

// biome-ignore lint/suspicious/noExplicitAny: a table of fields of any type
export type Layout = Record<string, readonly [offset: number, codec: FieldCodec<any>]>

type ValueOf<C> = C extends FieldCodec<infer T> ? T : never
export type Values<L extends Layout> = { -readonly [K in keyof L]: ValueOf<L[K][1]> }

export type Header<L extends Layout> = {
  readonly name: string
  readonly size: number
  readonly at: { readonly [K in keyof L]: (bytes: Uint8Array, start: number) => ValueOf<L[K][1]> }
  readonly put: { readonly [K in keyof L]: (bytes: Uint8Array, start: number, value: ValueOf<L[K][1]>) => void }
  readonly offset: { readonly [K in keyof L]: number }
  /** All fields, or undefined if the bytes from `start` to `end` are fewer than the header. */
  read(bytes: Uint8Array, start: number, end?: number): Values<L> | undefined
  /** Writes the whole header; a field that is not given is zero. */
  write(bytes: Uint8Array, start: number, values: Partial<Values<L>>): void
}

export const header = <const L extends Layout>(name: string, size: number, layout: L): Header<L> => {
  const names = Object.keys(layout) as (keyof L & string)[]
  const at: Record<string, unknown> = {}
  const put: Record<string, unknown> = {}
  const offset: Record<string, number> = {}
  for (const field of names) {
    const [from, codec] = layout[field] as L[typeof field]
    at[field] = (bytes: Uint8Array, start: number) => codec.get(bytes, start + from)
    put[field] = (bytes: Uint8Array, start: number, value: unknown) => codec.set(bytes, start + from, value as never)
    offset[field] = from
  }
  return {
    name,
    size,
    at: at as Header<L>['at'],
    put: put as Header<L>['put'],
    offset: offset as Header<L>['offset'],
    read(bytes, start, end = bytes.length) {
      if (start + size > end) return undefined
      const values: Record<string, unknown> = {}
      for (const field of names) {
        const [from, codec] = layout[field] as L[typeof field]
        values[field] = codec.get(bytes, start + from)
      }
      return values as Values<L>
    },
    write(bytes, start, values) {
      bytes.fill(0, start, start + size)
      for (const field of names) {
        const value = values[field]
        if (value === undefined) continue
        const [from, codec] = layout[field] as L[typeof field]
        codec.set(bytes, start + from, value)
      }
    },
  }
}

export const u8: FieldCodec<number> = {
  size: 1,
  get: (b, i) => b[i]!,
  set: (b, i, v) => {
    b[i] = v
  },
}

export const u16: FieldCodec<number> = {
  size: 2,
  get: (b, i) => (b[i]! << 8) | b[i + 1]!,
  set: (b, i, v) => {
    b[i] = v >>> 8
    b[i + 1] = v
  },
}

export const u24: FieldCodec<number> = {
  size: 3,
  get: (b, i) => (b[i]! << 16) | (b[i + 1]! << 8) | b[i + 2]!,
  set: (b, i, v) => {
    b[i] = v >>> 16
    b[i + 1] = v >>> 8
    b[i + 2] = v
  },
}

export const u32: FieldCodec<number> = {
  size: 4,
  get: (b, i) => ((b[i]! << 24) | (b[i + 1]! << 16) | (b[i + 2]! << 8) | b[i + 3]!) >>> 0,
  set: (b, i, v) => {
    b[i] = v >>> 24
    b[i + 1] = v >>> 16
    b[i + 2] = v >>> 8
    b[i + 3] = v
  },
}

/** A 48-bit number: a MAC address. */
export const u48: FieldCodec<number> = {
  size: 6,
  get: (b, i) => u16.get(b, i) * 2 ** 32 + u32.get(b, i + 2),
  set: (b, i, v) => {
    u16.set(b, i, Math.floor(v / 2 ** 32))
    u32.set(b, i + 2, v >>> 0)
  },
}

export const u64: FieldCodec<bigint> = {
  size: 8,
  get: (b, i) => (BigInt(u32.get(b, i)) << 32n) | BigInt(u32.get(b, i + 4)),
  set: (b, i, v) => {
    u32.set(b, i, Number((v >> 32n) & 0xffffffffn))
    u32.set(b, i + 4, Number(v & 0xffffffffn))
  },
}

/** A 128-bit number: an IPv6 address. */
export const u128: FieldCodec<bigint> = {
  size: 16,
  get: (b, i) => (u64.get(b, i) << 64n) | u64.get(b, i + 8),
  set: (b, i, v) => {
    u64.set(b, i, v >> 64n)
    u64.set(b, i + 8, v & 0xffffffffffffffffn)
  },
}

/** `count` bits of one byte, the lowest of them bit `low` (0 is the least significant). */
export const bits = (low: number, count: number): FieldCodec<number> => {
  const mask = (1 << count) - 1
  return {
    size: 1,
    get: (b, i) => (b[i]! >> low) & mask,
    set: (b, i, v) => {
      b[i] = (b[i]! & ~(mask << low)) | ((v & mask) << low)
    },
  }
}

/** One bit as a flag, counted as RFCs draw it: bit 0 is the most significant of its byte. */
export const bit = (fromLeft: number): FieldCodec<boolean> => {
  const mask = 0x80 >> fromLeft
  return {
    size: 1,
    get: (b, i) => (b[i]! & mask) !== 0,
    set: (b, i, v) => {
      b[i] = v ? b[i]! | mask : b[i]! & ~mask
    },
  }
}

/** `count` bits of a 16-bit number, the lowest of them bit `low`. */
export const bits16 = (low: number, count: number): FieldCodec<number> => {
  const mask = (1 << count) - 1
  return {
    size: 2,
    get: (b, i) => (u16.get(b, i) >> low) & mask,
    set: (b, i, v) => u16.set(b, i, (u16.get(b, i) & ~(mask << low)) | ((v & mask) << low)),
  }
}

/** `count` bits of a 32-bit number, the lowest of them bit `low`; at most 31 bits. */
export const bits32 = (low: number, count: number): FieldCodec<number> => {
  const mask = 2 ** count - 1
  return {
    size: 4,
    get: (b, i) => (u32.get(b, i) >>> low) & mask,
    set: (b, i, v) => u32.set(b, i, ((u32.get(b, i) & ~(mask << low)) | ((v & mask) << low)) >>> 0),
  }
}
