/** What a bridge without anything tells of itself, byte for byte as Open vSwitch says it, in every version. */
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasOpenVswitch, type RealSwitch, startRealSwitch } from './real-switch.ts'
import { startWeftSwitch, type WeftSwitch } from './weft-switch.testing.ts'

type Version = 1 | 2 | 3 | 4 | 5 | 6

/** A message in hexadecimal, its length filled in. */
const message = (version: Version, type: number, body: string, xid = 7): string => {
  const head = [version, type].map(byte => byte.toString(16).padStart(2, '0')).join('')
  const size = 8 + body.length / 2
  return head + size.toString(16).padStart(4, '0') + xid.toString(16).padStart(8, '0') + body
}

/** The messages that come back, hexadecimal, without hello and the barrier that ends them. */
const ask = (path: string, version: Version, request: string): Promise<string[]> =>
  new Promise((resolve, reject) => {
    const socket = connect(path)
    const barrier = version === 1 ? 18 : 20
    let rest = Buffer.alloc(0)
    const heard: Buffer[] = []
    socket.on('error', reject)
    socket.on('data', chunk => {
      rest = Buffer.concat([rest, chunk])
      while (rest.length >= 8 && rest.length >= rest.readUInt16BE(2)) {
        const size = rest.readUInt16BE(2)
        heard.push(rest.subarray(0, size))
        rest = rest.subarray(size)
      }
      if (heard.at(-1)?.[1] !== barrier + 1) return
      socket.end()
      resolve(heard.slice(1, -1).map(each => each.toString('hex')))
    })
    socket.write(Buffer.from(message(version, 0, '') + request + message(version, barrier, ''), 'hex'))
  })

const multipart = (version: Version, type: number, body = ''): string => {
  const head = `${type.toString(16).padStart(4, '0')}0000`
  return message(version, version === 1 ? 16 : 18, version === 1 ? head + body : `${head}00000000${body}`)
}

describe.skipIf(!hasOpenVswitch())('bytes of replies', () => {
  let real: RealSwitch
  let ours: WeftSwitch
  beforeAll(async () => {
    real = startRealSwitch()
    const versions = [10, 11, 12, 13, 14, 15].map(version => `OpenFlow${version}`).join(',')
    real.run(`ovs-vsctl add-br br0 -- set bridge br0 fail_mode=secure protocols=${versions}`)
    real.run('ovs-vsctl set bridge br0 other-config:hwaddr=aa:55:aa:55:00:00')
    ours = await startWeftSwitch(6)
    await ours.run('ovs-ofctl del-flows br0')
    for (const port of ours.ports) {
      const { name, ofport } = port
      real.run(`ovs-vsctl add-port br0 ${name} -- set interface ${name} ofport_request=${ofport}`)
      const mac = real.run(`ovs-vsctl get interface ${name} mac_in_use`).stdout.replace(/[":\n]/g, '')
      ours.enter(() => ours.bridge.updatePort(port, { mac: Number.parseInt(mac, 16) }))
    }
  })
  afterAll(async () => {
    real?.close()
    await ours?.close()
  })

  const cases: [string, Version, string][] = []
  for (const version of [1, 2, 3, 4, 5, 6] as const) {
    const add = (name: string, request: string): number => cases.push([name, version, request])
    add('features', message(version, 5, ''))
    add('config', message(version, 7, ''))
    add('description', multipart(version, 0))
    add('tables', multipart(version, 3))
    if (version === 1) {
      for (const port of ['0001', 'fffe', 'ffff', '0009']) {
        add(`queues of ${port}`, multipart(version, 5, `${port}0000ffffffff`))
        add(`a queue of ${port}`, multipart(version, 5, `${port}000000000000`))
        add(`queue configuration of ${port}`, message(version, 20, `${port}0000`))
      }
      continue
    }
    for (const port of ['00000001', 'fffffffe', 'ffffffff', '00000009']) {
      add(`queues of ${port}`, multipart(version, 5, `${port}ffffffff`))
      add(`a queue of ${port}`, multipart(version, 5, `${port}00000000`))
      if (version < 5) add(`queue configuration of ${port}`, message(version, 22, `${port}00000000`))
      else add(`queue descriptions of ${port}`, multipart(version, 15, `${port}ffffffff`))
    }
    add('groups', multipart(version, 6, 'fffffffc00000000'))
    add('group descriptions', multipart(version, 7, version === 6 ? 'fffffffc00000000' : ''))
    add('role', message(version, 24, '00000000000000000000000000000000'))
    if (version >= 3) add('features of groups', multipart(version, 8))
    if (version >= 4) {
      add('meters', multipart(version, 9, 'ffffffff00000000'))
      add('meter configurations', multipart(version, 10, 'ffffffff00000000'))
      add('features of meters', multipart(version, 11))
      add('features of tables', multipart(version, 12))
      add('asynchronous messages', message(version, 26, ''))
    }
    if (version >= 5) add('descriptions of tables', multipart(version, 14))
    add('something else', multipart(version, 99))
  }

  test.each(cases)('%s, version %i', async (_name, version, request) => {
    const [theirs, mine] = await Promise.all(
      [real.directory, ours.directory].map(directory => ask(`${directory}/br0.mgmt`, version, request)),
    )
    expect(mine).toEqual(theirs)
  })
})
