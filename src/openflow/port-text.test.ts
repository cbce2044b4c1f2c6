import { describe, expect, test } from 'vitest'
import { OfPort } from './action.ts'
import { formatPort, parsePort } from './port-text.ts'

const ports = {
  number: (name: string) => ({ p1: 1, 'a b': 2, local: 3 })[name],
  name: (port: number) => ({ 1: 'p1', 2: 'a b', 3: 'local' })[port],
}
const read = (text: string): [number | undefined, string[]] => {
  const warnings: string[] = []
  return [parsePort(text, ports, (_module, warning) => warnings.push(warning)), warnings]
}

/** What ovs-ofctl 3.1.0 said of `actions=output:…`. */
describe('ports in text', () => {
  test.each([
    ['1', 1],
    ['65279', 65279],
    ['p1', 1],
    ['"p1"', 1],
    ['"a b"', 2],
    ['local', OfPort.local],
    ['LOCAL', OfPort.local],
    ['in_port', OfPort.inPort],
    ['none', OfPort.none],
    ['any', OfPort.none],
    ['unset', OfPort.unset],
    ['4294967290', OfPort.normal],
  ])('%s is %i', (text, port) => expect(read(text)).toEqual([port, []]))

  test.each(['foo', '', '1x', '0xfffe', '"nop"'])('%s is none', text => expect(read(text)).toEqual([undefined, []]))

  test('numbers with warnings', () => {
    expect(read('65530')).toEqual([
      OfPort.normal,
      ['referring to port NORMAL as 65530 is deprecated for compatibility with OpenFlow 1.1 and later'],
    ])
    expect(read('65300')).toEqual([
      65300,
      [
        'port 65300 is a reserved OF1.0 port number that will be translated to 4294967060 when talking to an OF1.1 or later controller',
      ],
    ])
    expect(read('70000')).toEqual([
      undefined,
      ['port 70000 is outside the supported range 0 through ffff or 0xffffff00 through 0xffffffff'],
    ])
    expect(read('-1')).toEqual([undefined, ['Negative value -1 is not a valid port number.']])
  })

  test('are written by number, reserved name, or the name of the bridge', () => {
    expect([1, 2, 3, 7, OfPort.local, OfPort.none].map(port => formatPort(port))).toEqual([
      '1',
      '2',
      '3',
      '7',
      'LOCAL',
      'ANY',
    ])
    expect([1, 2, 3, 7, OfPort.flood].map(port => formatPort(port, ports))).toEqual([
      'p1',
      '"a b"',
      'local',
      '7',
      'FLOOD',
    ])
  })
})
