import type { Device, Devices } from '../../vswitchd/devices.ts'
import type { Dummies } from '../../vswitchd/dummy.ts'
import type { DummyLevel } from './options.ts'

/** Types of Open vSwitch's interfaces that need a network or drivers. */
const tunnelsAndDrivers = 'afxdp afxdp-nonpmd bareudp erspan geneve gre gtpu ip6erspan ip6gre lisp stt vxlan'.split(' ')
/** Types that are dummies wherever there are any. */
const kinds = ['dummy-internal', 'dummy-pmd']

/** The devices of the machine that the switch runs on: dummies, as far as they stand for them. */
export class DaemonDevices implements Devices {
  readonly dummyTypes: ReadonlySet<string>
  private readonly dummies: Dummies
  private readonly level: DummyLevel | undefined

  constructor(dummies: Dummies, level: DummyLevel | undefined) {
    this.dummies = dummies
    this.level = level
    this.dummyTypes = new Set([
      ...(level === undefined ? [] : kinds),
      ...(level === 'override' ? tunnelsAndDrivers : []),
    ])
  }

  open(
    name: string,
    type: 'system' | 'internal' | 'tap',
    mac: number,
    options: Readonly<Record<string, string>> = {},
  ): Device | string {
    const isDummy = this.level === 'override' || type === 'internal' || (this.level === 'system' && type === 'system')
    if (this.level !== undefined && isDummy) return this.dummies.open(name, type, mac, options)
    return type === 'internal' ? 'Address family not supported by protocol' : 'No such device'
  }
}
