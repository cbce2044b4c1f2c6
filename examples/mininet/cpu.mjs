// How fast iperf is between hosts that have from half to a tenth of the processors together.
//   node examples/mininet/cpu.mjs
import { CPULimitedHost, custom, Mininet, TreeTopo } from 'weft/lab/mininet'

const seconds = 10
const limits = [0.5, 0.4, 0.3, 0.2, 0.1]

/** @type {string[]} */
const table = []
for (const sched of ['cfs', 'rt'])
  for (const cpu of limits) {
    // Both hosts together have it.
    const host = custom(CPULimitedHost, { sched, period_us: 100_000, cpu: 0.5 * cpu })
    const net = new Mininet({ topo: new TreeTopo(1, 2), host, waitConnected: true, logLevel: 'info' })
    await net.start()
    await net.pingAll()
    net.output.info(`*** Starting iperf with ${(100 * cpu).toFixed(0)}% of CPU allocated to hosts\n`)
    const [client, server] = [net.get('h1'), net.get('h2')]
    const listener = server.popen('iperf -yc -s -p 5001')
    await client.cmd('until nc -z', server.IP(), '5001; do sleep .1; done')
    await client.cmd(`iperf -yc -t ${seconds} -c ${server.IP()}`)
    // The server's report, for what is still on its way is not received.
    const line = await listener.readline()
    table.push(`${sched}\t${(100 * cpu).toFixed(0)}%\t${Number(line.split(',').at(-1)).toExponential(2)}\n`)
    listener.terminate()
    await net.stop()
  }
process.stdout.write(`\nsched\tcpu\treceived bits/sec\n${table.join('')}`)
