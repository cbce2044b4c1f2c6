// 64 hosts that all ping each other, with both kinds of switches.
//   node examples/mininet/treeping64.mjs
import { pathToFileURL } from 'node:url'
import { Host, OVSSwitch, TreeNet, UserSwitch } from 'weft/lab/mininet'

/** A host without IPv6, and so without what it asks its neighbours. */
export class HostV4 extends Host {
  /** @override */
  async config(params = {}) {
    for (const which of ['all', 'default']) await this.exec('sysctl', '-w', `net.ipv6.conf.${which}.disable_ipv6=1`)
    return await super.config(params)
  }
}

const main = async () => {
  const results = []
  for (const [name, Switch] of Object.entries({ 'reference user': UserSwitch, 'Open vSwitch kernel': OVSSwitch })) {
    process.stderr.write(`*** Testing ${name} datapath\n`)
    const net = TreeNet(2, 8, { host: HostV4, switch: Switch, waitConnected: true, logLevel: 'info' })
    const loss = await net.run(() => net.pingAll())
    results.push(`${name}: ${Math.trunc(loss)}% packet loss\n`)
  }
  process.stderr.write(`\n*** Tree network ping results:\n${results.join('')}\n`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main()
