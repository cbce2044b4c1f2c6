import { expect, test } from 'vitest'
import { Dummies } from '../../vswitchd/dummy.ts'
import { DaemonDevices } from './devices.ts'

const opened = (level: 'none' | 'system' | 'override' | undefined): string[] =>
  (['system', 'internal', 'tap'] as const).map(type => {
    const device = new DaemonDevices(new Dummies(), level).open('p1', type, 0)
    return typeof device === 'string' ? device : device.vport.type
  })

test('devices that dummies stand for', () => {
  const noDevice = 'No such device'
  expect(opened(undefined)).toEqual([noDevice, 'Address family not supported by protocol', noDevice])
  expect(opened('none')).toEqual([noDevice, 'dummy-internal', noDevice])
  expect(opened('system')).toEqual(['system', 'dummy-internal', noDevice])
  expect(opened('override')).toEqual(['system', 'dummy-internal', 'tap'])
})

test('types that are dummies, as iface_types of ovs-vswitchd 3.1 has them', () => {
  const types = (level: 'none' | 'override' | undefined): string =>
    [...new DaemonDevices(new Dummies(), level).dummyTypes].sort().join(' ')
  expect(types(undefined)).toBe('')
  expect(types('none')).toBe('dummy-internal dummy-pmd')
  expect(types('override')).toBe(
    'afxdp afxdp-nonpmd bareudp dummy-internal dummy-pmd erspan geneve gre gtpu ip6erspan ip6gre lisp stt vxlan',
  )
})
