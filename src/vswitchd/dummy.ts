import type { Vport } from '../datapath/datapath.ts'
import type { Frame } from '../wire/frame.ts'
import type { Device } from './devices.ts'

/** As Open vSwitch numbers the MACs of its dummies, from one on. */
const firstMac = 0xaa55aa550000

/**
 * `type=dummy`: a device with nothing behind it. What a port sends there is gone, and what it is to receive somebody says:
 * `netdev-dummy/receive`.
 */
export class DummyDevice implements Device {
  readonly vport: Vport
  readonly mac: number
  readonly ifindex = 0
  mtu = 1500
  adminUp = true
  receiver: ((frame: Frame) => void) | undefined
  onChange: (() => void) | undefined

  /** `number` is how many there are with this one. */
  constructor(name: string, number: number) {
    this.vport = { name, type: 'dummy', send() {} }
    this.mac = firstMac + number
  }

  get linkUp(): boolean {
    return this.adminUp
  }

  setMtu(mtu: number): void {
    this.mtu = mtu
  }

  setAdminUp(up: boolean): void {
    if (up === this.adminUp) return
    this.adminUp = up
    this.onChange?.()
  }

  /** A frame comes in, whether the device is up or not. Passes ownership. */
  receive(frame: Frame): void {
    this.receiver?.(frame)
  }

  statistics(): Readonly<Record<string, number>> {
    return {}
  }

  close(): void {
    this.receiver = undefined
    this.onChange = undefined
  }
}
