import type { Vport } from '../datapath/datapath.ts'
import type { Frame } from '../wire/frame.ts'

/** A network device that a port stands on, as the world outside the switch has it. */
export interface Device {
  readonly vport: Vport
  /** The device's MAC, 0 if it has none. */
  readonly mac: number
  readonly mtu: number
  readonly ifindex: number
  readonly adminUp: boolean
  readonly linkUp: boolean
  /** Bits/s both ways at once, over copper as Linux says of virtual devices; undefined if the device does not know. */
  readonly linkSpeed?: number | undefined
  /** The number that it would have in the datapath, if that is free. */
  readonly datapathPort?: number | undefined
  /** The device was deleted, or is somebody else's now: its port has nothing to stand on. */
  readonly gone?: boolean
  /** For the device of a bridge, which takes over the MAC of a network card in it. */
  setMac?(mac: number): void
  setMtu?(mtu: number): void
  /** Where frames that the device receives go from now on; undefined for nowhere. Passes ownership. */
  receiver: ((frame: Frame) => void) | undefined
  /** Called when MAC, MTU or link state have changed. */
  onChange: (() => void) | undefined
  /** Errors and drops that only the device knows. */
  statistics(): Readonly<Record<string, number>>
  close(): void
}

/** Where devices come from: a simulated machine, a real one, a test. */
export interface Devices {
  /** Types of interfaces, beside `dummy`, that are dummies here. */
  readonly dummyTypes?: ReadonlySet<string>
  /**
   * Opens a device that is there under this name (`system`, `tap`), or makes one (`internal`, with this MAC). A text says
   * why not, in the system's words: `No such device`. What `options` of the interface mean is the device's affair.
   */
  open(
    name: string,
    type: 'system' | 'internal' | 'tap',
    mac: number,
    options?: Readonly<Record<string, string>>,
  ): Device | string
}
