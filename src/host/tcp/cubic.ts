import { second } from '../../runtime/index.ts'
import { Reno } from './congestion.ts'

const beta = 0.7
const scaling = 0.4

/**
 * CUBIC (RFC 9438): after a loss the window comes back along a cubic curve of time, flat where the loss was. Where Reno
 * would have been faster (short paths), it is as fast as Reno.
 */
export class Cubic extends Reno {
  override readonly name = 'cubic'
  /** The window before the last loss, in segments. */
  private plateau = 0
  /** When this climb began; 0 if it has not. */
  private began = 0
  /** Seconds that the curve takes back to the plateau. */
  private reach = 0
  private origin = 0
  private friendly = 0

  override acked(bytes: number, now: number, roundTrip: number): void {
    const rest = this.slowStart(bytes)
    if (rest <= 0) return
    const { segment } = this
    const window = this.window / segment
    if (this.began === 0) {
      this.began = Math.max(1, now)
      this.origin = Math.max(window, this.plateau)
      this.reach = Math.cbrt((this.origin - window) / scaling)
      this.friendly = window
    }
    const time = (now + roundTrip - this.began) / second
    const wanted = this.origin + scaling * (time - this.reach) ** 3
    const target = Math.min(Math.max(wanted, window), 1.5 * window)
    const acked = rest / segment
    let grown = window + ((target - window) / window) * acked
    // §4.3: Reno's growth with CUBIC's smaller decrease.
    this.friendly += ((3 * (1 - beta)) / (1 + beta)) * (acked / window)
    if (this.friendly > grown) grown = this.friendly
    this.window = grown * segment
  }

  override lost(_flight: number, _now: number): void {
    const window = this.window / this.segment
    // §4.7: a flow that did not come back to its old window leaves room for others.
    this.plateau = window < this.plateau ? (window * (1 + beta)) / 2 : window
    this.began = 0
    this.threshold = Math.max(this.window * beta, 2 * this.segment)
    this.window = this.threshold
  }
}
