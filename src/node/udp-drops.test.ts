import { createSocket, type Socket } from 'node:dgram'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Ip, parseIp } from '../wire/address.ts'
import { dropsIn, udpDrops } from './udp-drops.ts'

/** As Linux 6.1 printed it on x86-64. */
const table = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  318: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 20613 2 0000000000000000 0
  507: 0100630A:12B5 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 20614 2 0000000000000000 75
`
const table6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  507: 000099FD000000000000000001000000:12B5 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0000000000000000 3
`
const ip = (text: string): Ip => parseIp(text) as Ip

test('the drops of a socket, from the table of the system', () => {
  expect(dropsIn(table, ip('10.99.0.1'), 4789, true)).toBe(75)
  expect(dropsIn(table, ip('127.0.0.1'), 53, true)).toBe(0)
  expect(dropsIn(table, ip('10.99.0.1'), 4788, true)).toBeUndefined()
  expect(dropsIn(table6, ip('fd99::1'), 4789, true)).toBe(3)
  expect(dropsIn(table.replace('0100630A', '0A630001'), ip('10.99.0.1'), 4789, false)).toBe(75)
  expect(dropsIn('', ip('10.99.0.1'), 4789)).toBeUndefined()
})

test.skipIf(!existsSync('/proc/net/udp'))('a socket that does not read', async () => {
  const bound = (): Promise<Socket> =>
    new Promise(resolve => {
      const socket = createSocket({ type: 'udp4', recvBufferSize: 4096 })
      socket.bind(0, '127.0.0.1', () => resolve(socket))
    })
  const [to, from] = [await bound(), await bound()]
  const { port } = to.address()
  expect(udpDrops(ip('127.0.0.1'), port)).toBe(0)
  // Sending is at once; the other socket is not read before this function gives way.
  for (let i = 0; i < 100; i++) from.send(new Uint8Array(1000), port, '127.0.0.1')
  await new Promise<void>(resolve => from.send(new Uint8Array(1), port, '127.0.0.1', () => resolve()))
  expect(udpDrops(ip('127.0.0.1'), port)).toBeGreaterThan(0)
  to.close()
  from.close()
})
