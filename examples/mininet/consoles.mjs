// A console for each host, all pinging or measuring at once, with a bar for the bandwidth of each. In place of windows the grid is
// of characters: each cell has a host's last lines.
//   node examples/mininet/consoles.mjs
import { custom, TCLink, TreeNet } from 'weft/lab/mininet'

const [columns, width, height] = [2, 46, 4]
const net = TreeNet(1, 4, { link: custom(TCLink, { bw: 10 }), waitConnected: true, logLevel: 'info' })
const { hosts } = net
await net.start()

/** What each console has shown. @type {Map<import('weft/lab/mininet').Node | undefined, string[]>} */
const consoles = new Map(hosts.map(host => [host, []]))

const draw = () => {
  const cell = (/** @type {string} */ text) => text.slice(0, width).padEnd(width)
  for (let row = 0; row < hosts.length; row += columns) {
    const some = hosts.slice(row, row + columns)
    console.log(some.map(host => cell(`--- ${host} `.padEnd(width, '-'))).join(' | '))
    for (let line = 0; line < height; line++)
      console.log(some.map(host => cell(consoles.get(host)?.slice(-height)[line] ?? '')).join(' | '))
  }
}

/** Sends a command to all consoles, and shows what they print. @param {(i: number) => string} command */
const all = async command => {
  for (const [i, host] of hosts.entries()) host.sendCmd(command(i))
  for await (const [host, line] of net.monitor()) if (line.trim() !== '') consoles.get(host)?.push(line.trim())
  draw()
}

/** The address of the host that comes next. @param {number} i */
const next = i => hosts[(i + 1) % hosts.length]?.IP()

console.log('*** Ping')
await all(i => `ping -c 3 ${next(i)}`)

console.log('*** Iperf')
for (const host of hosts) await host.cmd('iperf -s >/dev/null 2>&1 &')
await all(i => `iperf -t 5 -c ${next(i)}`)
console.log('*** Bandwidth, Mbit/s')
for (const [host, lines] of consoles) {
  const rate = Number(/([\d.]+) Mbits\/sec/.exec(lines.join('\n'))?.[1] ?? 0)
  console.log(`${host} ${'#'.repeat(Math.round(rate * 4))} ${rate}`)
}
await net.stop()
