import { describe, expect, test } from 'vitest'
import { chosenProtocol, formatProtocols, parseVersions, protocol, protocolsOf, versionName } from './protocol.ts'

describe('sets of protocols', () => {
  test('are written as ovs-ofctl does', () => {
    expect(formatProtocols(protocol.any)).toBe('any')
    expect(formatProtocols(protocol.none)).toBe('none')
    expect(formatProtocols(protocol.of10 | protocol.nxm)).toBe('OpenFlow10,NXM')
    expect(formatProtocols(protocol.nxm | protocol.oxm | protocol.of11)).toBe('NXM,OXM,OpenFlow11')
    expect(formatProtocols(protocol.withTable)).toBe('OXM,OpenFlow10+table_id,NXM+table_id,OpenFlow11')
    expect(formatProtocols(protocol.since13)).toBe('OXM-OpenFlow13,OXM-OpenFlow14,OXM-OpenFlow15')
  })
  test('have a preferred one', () => {
    expect(chosenProtocol(protocol.any)?.name).toBe('OpenFlow10-table_id')
    expect(chosenProtocol(protocol.nxm | protocol.oxm)).toEqual({ name: 'NXM-table_id', version: 1, nxm: true })
    expect(chosenProtocol(protocolsOf(4))).toEqual({ name: 'OXM-OpenFlow13', version: 4, nxm: false })
    expect(chosenProtocol(0)).toBeUndefined()
  })
  test('of a version', () => {
    expect(protocolsOf(1)).toBe(protocol.of10 | protocol.nxm)
    expect(protocolsOf(2)).toBe(protocol.of11)
    expect(protocolsOf(3) | protocolsOf(4) | protocolsOf(5) | protocolsOf(6)).toBe(protocol.oxm)
  })
})

test('versions of -O', () => {
  expect(parseVersions('OpenFlow10,OpenFlow13')).toEqual([1, 4])
  expect(parseVersions('openflow15')).toEqual([6])
  expect(parseVersions('OpenFlow99')).toBe('OpenFlow99')
  expect(versionName(4)).toBe('OF1.3')
})
