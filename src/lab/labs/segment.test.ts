import { expect, test } from 'vitest'
import { broadcastMac, parseIp4 } from '../../wire/address.ts'
import { writeArp } from '../../wire/arp.ts'
import { writeEthernet } from '../../wire/ethernet.ts'
import { Frame } from '../../wire/frame.ts'
import { showLine } from '../../wire/show.ts'
import { Network } from '../network.ts'
import { segment } from './segment.ts'

const built = (): Network => {
  const network = new Network({ seed: 1 })
  segment.build(network)
  network.settle()
  return network
}

test('its hosts reach each other, IPv4 and IPv6, and no packet is too large for VXLAN over 1500 bytes', () => {
  const network = built()
  for (const line of ['ping -c 1 10.0.42.2', 'ping -c 1 fd00:42::2', 'ping -c 1 -s 1422 -M do 10.0.42.2'])
    expect(network.type('h1', line)).toContain('1 received, 0% packet loss')
  expect(network.finish(network.get('h1').exec('ping -c 1 -s 1423 -M do 10.0.42.2')).status).not.toBe(0)
})

test('its free port is in the switch, and what is plugged in there talks to the hosts', () => {
  const network = built()
  const mine = 0x020000000099
  const heard: string[] = []
  const end = network.lead(segment.join as string, 'outside', { delay: 1000 })
  end.output = { send: frame => heard.push(showLine(frame.bytes, frame.start, frame.end)) }
  const frame = Frame.of(42)
  const ips = { spa: parseIp4('10.0.42.99') as number, tpa: parseIp4('10.0.42.2') as number }
  writeArp(frame.bytes, frame.start + 14, { op: 1, sha: mine, tha: 0, ...ips })
  writeEthernet(frame.bytes, frame.start, { dst: broadcastMac, src: mine, type: 0x0806 })
  network.settle()
  end.send(frame)
  network.settle()
  const mac = /([0-9a-f:]{17})/.exec(network.type('h2', 'ip -br link show eth0'))?.[1]
  expect(heard).toContain(`ARP, Reply 10.0.42.2 is-at ${mac}, length 28`)
  expect(network.cables.at(-1)?.b.name).toBe('outside')
})
