import { second } from '../../runtime/index.ts'

/** A service curve of two pieces: bytes a second for a first time (ns), and from then on (tc-hfsc(7)). */
export type ServiceCurve = { first: number; duration: number; later: number }

/** A service curve that began at a time with so many bytes served: bytes by time, and time by bytes. */
export class Curve {
  private x: number
  private y: number
  private dx: number
  private dy: number
  private readonly shape: ServiceCurve

  constructor(shape: ServiceCurve, x: number, y: number) {
    this.shape = shape
    this.x = x
    this.y = y
    this.dx = shape.duration
    this.dy = (shape.duration * shape.first) / second
  }

  /** Bytes that it promises until a time. */
  bytesAt(x: number): number {
    if (x <= this.x) return this.y
    const { first, later } = this.shape
    if (x <= this.x + this.dx) return this.y + ((x - this.x) * first) / second
    return this.y + this.dy + ((x - this.x - this.dx) * later) / second
  }

  /** When it has promised so many bytes; `Infinity` for never. */
  timeOf(y: number): number {
    if (y <= this.y) return this.x
    const { first, later } = this.shape
    if (y <= this.y + this.dy) return this.x + ((y - this.y) * second) / first
    return later === 0 ? Number.POSITIVE_INFINITY : this.x + this.dx + ((y - this.y - this.dy) * second) / later
  }

  /** The lower one of this and the same shape begun anew at a place: who was idle does not save up. */
  lower(x: number, y: number): void {
    const { first, duration, later } = this.shape
    const dy = (duration * first) / second
    const here = this.bytesAt(x)
    if (first <= later) {
      if (here >= y) this.place(x, y, duration, dy)
      return
    }
    if (here <= y) return
    if (this.bytesAt(x + duration) >= y + dy) {
      this.place(x, y, duration, dy)
      return
    }
    let dx = ((here - y) * second) / (first - later)
    if (this.x + this.dx > x) dx += this.x + this.dx - x
    this.place(x, y, dx, (dx * first) / second)
  }

  private place(x: number, y: number, dx: number, dy: number): void {
    Object.assign(this, { x, y, dx, dy })
  }
}
