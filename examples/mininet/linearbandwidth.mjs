// How much TCP gets through ever more switches in a row, whose links have 100 Mbit/s and 30 ms each.
//   node examples/mininet/linearbandwidth.mjs
import { custom, Mininet, OVSController, OVSSwitch, quietRun, TCLink, Topo, UserSwitch } from 'weft/lab/mininet'

class LinearTestTopo extends Topo {
  /** Hosts h1 to hN, and a switch fewer: the first switch has the first two. @override @param {number} hosts */
  build(hosts) {
    for (let i = 1; i <= hosts; i++) this.addHost(`h${i}`)
    for (let i = 1; i < hosts; i++) {
      this.addSwitch(`s${i}`)
      if (i > 1) this.addLink(`s${i - 1}`, `s${i}`)
    }
    this.addLink('h1', 's1')
    for (let i = 2; i <= hosts; i++) this.addLink(`h${i}`, `s${i - 1}`)
  }
}

const lengths = [1, 2, 3, 4]
const switches = { 'reference user': UserSwitch, 'Open vSwitch kernel': OVSSwitch }
/** @type {Map<string, string[]>} */
const results = new Map()
for (const [datapath, Switch] of Object.entries(switches)) {
  const net = new Mininet({
    topo: new LinearTestTopo(Math.max(...lengths) + 1),
    switch: Switch,
    controller: OVSController,
    link: custom(TCLink, { delay: '30ms', bw: 100 }),
    waitConnected: true,
    logLevel: 'info',
  })
  const { output, hosts } = net
  output.info(`*** testing ${datapath} datapath\n`)
  await quietRun(net.box, 'sysctl -w net.ipv4.tcp_congestion_control=reno')
  await net.start()
  const [first, ...others] = hosts
  output.info('*** testing basic connectivity\n')
  for (const n of lengths) await net.ping(hosts.filter((_, i) => i === 0 || i === n))
  output.info('*** testing bandwidth\n')
  const rates = []
  for (const n of lengths) {
    const last = others[n - 1]
    if (first === undefined || last === undefined) continue
    // What is asked first is not what is measured: the flows that it needs are there.
    await first.cmd('nc -z -w 5', last.IP(), 5001)
    output.info(`testing ${first} <-> ${last}\n`)
    const [received] = await net.iperf([first, last], { seconds: 5 })
    rates.push(`${n}\t\t${received}\n`)
  }
  results.set(datapath, rates)
  await net.stop()
}
for (const [datapath, rates] of results)
  process.stderr.write(
    `\n*** Linear network results for ${datapath} datapath:\nSwitchCount\tiperf Results\n${rates.join('')}`,
  )
