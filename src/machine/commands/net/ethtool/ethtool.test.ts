import { describe, expect, test } from 'vitest'
import { start } from '../../../../runtime/index.ts'
import { netMachine, twoHosts } from '../net.testing.ts'

const machine = () => netMachine('ip link add v0 type veth peer name v1', 'ip link set v0 up; ip link set v1 up')

describe('ethtool -K', () => {
  test('says what it changed besides what was asked, and nothing when all is as asked', () => {
    const { text } = machine()
    expect(text('ethtool -K v0 tso off')).toBe('')
    expect(text('ethtool -k v0 | grep tcp')).toBe(
      'tcp-segmentation-offload: off\n\ttx-tcp-segmentation: off\n\ttx-tcp-ecn-segmentation: off\n' +
        '\ttx-tcp-mangleid-segmentation: off\n\ttx-tcp6-segmentation: off\n\ttx-tcp-accecn-segmentation: off\n',
    )
    expect(text('ethtool -K v0 tso on', 'ethtool -K v0 tx off')).toBe(
      'Actual changes:\ntx-checksum-ip-generic: off\ntx-tcp-segmentation: off [not requested]\n' +
        'tx-tcp-ecn-segmentation: off [not requested]\ntx-tcp-mangleid-segmentation: off [not requested]\n' +
        'tx-tcp6-segmentation: off [not requested]\ntx-udp-segmentation: off [not requested]\ntx-checksum-sctp: off\n',
    )
    expect(text('ethtool -k v0 | grep tx-tcp-seg')).toBe('\ttx-tcp-segmentation: off [requested on]\n')
  })

  test('what cannot be set', () => {
    const { text, status } = machine()
    expect(text('ethtool -K v0 lro on')).toBe(
      'Actual changes:\nrx-lro: off [requested on]\nCould not change any device features\n',
    )
    expect(status('ethtool -K v0 lro on')).toBe(1)
    expect(status('ethtool -K v0 bogus on')).toBe(92)
    expect(status('ethtool -K v0 tso maybe')).toBe(1)
    expect(status('ethtool -K nosuch tso on')).toBe(92)
  })

  test('a stream leaves in packets without segmentation', () => {
    const { machine: system, text } = twoHosts()
    const largest = (): number => {
      let size = 0
      const link = system.kernel.root.links.get('e0')
      const tap = (direction: 'in' | 'out', frame: { size: number }): void => {
        if (direction === 'out') size = Math.max(size, frame.size)
      }
      link?.taps.add(tap)
      expect(text('iperf -c 10.0.0.2 -n 1M')).toMatch(/1\.00 MBytes/)
      link?.taps.delete(tap)
      return size
    }
    start(system.exec('ip netns exec far iperf -s'))
    expect(largest()).toBeGreaterThan(10_000)
    text('ethtool -K e0 tx off')
    expect(largest()).toBe(1514)
  })
})

test('what it tells of devices', () => {
  const { text, status } = machine()
  expect(text('ethtool v0 | tail -n 2')).toBe('\tMDI-X: Unknown\n\tLink detected: yes\n')
  expect(text('ip link set v1 down', 'ethtool v0 | grep Link')).toBe('\tLink detected: no\n')
  expect(text('ethtool -i v0 | head -n 2')).toBe('driver: veth\nversion: 1.0\n')
  expect(text('ethtool -S v0 | head -n 2')).toBe('NIC statistics:\n     peer_ifindex: 2\n')
  expect(status('ethtool -S lo')).toBe(94)
  expect(status('ethtool nosuch')).toBe(75)
  expect(status('ethtool')).toBe(1)
  expect(text('ethtool -m v0')).toBe('ethtool: bad command line argument(s)\nFor more information run ethtool -h\n')
})

test('a NIC of a machine', () => {
  const { machine: system, text } = machine()
  const made = system.kernel.root.links.add('eth', 'eth0', { mac: 0x020000000009 })
  expect(made.ok).toBe(true)
  expect(text('ethtool -i eth0 | head -n 1')).toBe('driver: virtio_net\n')
  expect(text('ethtool -P eth0')).toBe('Permanent address: 02:00:00:00:00:09\n')
  expect(text('ethtool -g eth0 | grep -c 256')).toBe('4\n')
  expect(text('ethtool -S eth0 | grep tx')).toContain('tx0_kicks: 0\n')
  expect(text('ethtool -k eth0 | grep highdma')).toBe('highdma: on [fixed]\n')
})
