import { describe, expect, test } from 'vitest'
import { ip } from './bytes.testing.ts'
import { parseTunnelOptions } from './options.ts'

describe('tunnel options', () => {
  test('the usual', () => {
    expect(parseTunnelOptions('v', { remote_ip: '192.168.2.20', key: 'flow' })).toEqual({
      warnings: [],
      config: {
        remote: ip('192.168.2.20'),
        local: undefined,
        inKey: 'flow',
        outKey: 'flow',
        dstPort: 4789,
        tos: 0,
        ttl: 64,
        dontFragment: true,
        csum: false,
        dialect: 'plain',
        egressPktMark: undefined,
      },
    })
  })

  test('all of them', () => {
    const { config, warnings } = parseTunnelOptions('v', {
      remote_ip: 'fd00::2',
      local_ip: 'fd00::1',
      in_key: '5',
      out_key: '0x10',
      dst_port: '8472',
      tos: 'inherit',
      ttl: '7',
      df_default: 'false',
      csum: 'true',
      exts: 'gbp',
      egress_pkt_mark: '4294967295',
      packet_type: 'legacy_l2',
    })
    expect(warnings).toEqual([])
    expect(config).toMatchObject({ local: ip('fd00::1'), inKey: 5, outKey: 16, dstPort: 8472, tos: 'inherit', ttl: 7 })
    expect(config).toMatchObject({ dontFragment: false, csum: true, dialect: 'gbp', egressPktMark: 0xffffffff })
    expect(parseTunnelOptions('v', { remote_ip: 'flow', local_ip: 'flow', exts: 'gpe' }).config).toMatchObject({
      remote: 'flow',
      local: 'flow',
      inKey: 0,
      outKey: undefined,
      dialect: 'gpe',
    })
  })

  // The texts are what the error column of Open vSwitch 3.1 had for the same options.
  test('mistakes, in the words of Open vSwitch', () => {
    const all = (name: string, options: Record<string, string>): string => {
      const { warnings, error, config } = parseTunnelOptions(name, options)
      expect(config === undefined).toBe(error !== undefined)
      return [...warnings, ...(error === undefined ? [] : [error])].join('\n')
    }
    expect(all('vbad', { foo: '1' })).toBe(
      "vbad: unknown vxlan argument 'foo'\nvbad: vxlan type requires valid 'remote_ip' argument",
    )
    expect(all('vbad3', { remote_ip: 'bad' })).toBe(
      "vbad3: bad vxlan 'remote_ip'\nvbad3: vxlan type requires valid 'remote_ip' argument",
    )
    expect(all('vbad4', { remote_ip: '1.2.3.5', local_ip: 'flow' })).toBe(
      "vbad4: vxlan type requires 'remote_ip=flow' with 'local_ip=flow'",
    )
    expect(all('vbad6', { remote_ip: '224.0.0.9' })).toBe('vbad6: multicast remote_ip=224.0.0.9 not allowed')
    expect(all('vbad7', { remote_ip: '1.2.3.9', local_ip: 'flow2' })).toBe("vbad7: bad vxlan 'local_ip'")
  })

  test('numbers that are none are 0, as there', () => {
    const { config, warnings } = parseTunnelOptions('v', { remote_ip: '1.2.3.4', key: 'abc', dst_port: '' })
    expect(warnings).toEqual([])
    expect(config).toMatchObject({ inKey: 0, outKey: 0, tos: 0, dstPort: 4789 })
  })
})

test.each([
  ['4', 4, []],
  ['0x10', 16, []],
  ['0x13', 0, ['v: invalid TOS 0x13']],
  ['256', 0, ['v: invalid TOS 256']],
  ['x', 0, ['v: invalid TOS x']],
  ['', 0, []],
  ['inherit', 'inherit', []],
])('tos=%s is %j', (tos, is, warnings) => {
  const options = parseTunnelOptions('v', { remote_ip: '1.2.3.4', tos })
  expect(options).toMatchObject({ config: { tos: is }, warnings })
})

test('a TTL of 0 is that of a tunnel of which nothing was said', () => {
  expect(parseTunnelOptions('v', { remote_ip: '1.2.3.4', ttl: '0' }).config?.ttl).toBe(64)
})
