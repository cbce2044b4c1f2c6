// Links of 10 Mbit/s between hosts that have a tenth of the processors each: what iperf gets through, and what a busy loop uses.
//   node examples/mininet/limit.mjs
import { CPULimitedHost, custom, Mininet, runCpuLimitTest, TCIntf, TreeTopo } from 'weft/lab/mininet'

const [bw, cpu] = [10, 0.1]

for (const sched of ['rt', 'cfs']) {
  const host = custom(CPULimitedHost, { sched, cpu })
  const net = new Mininet({
    topo: new TreeTopo(1, 2),
    intf: custom(TCIntf, { bw }),
    host,
    waitConnected: true,
    logLevel: 'info',
  })
  net.output.info(`*** Testing with ${sched} bandwidth limiting\n`)
  await net.start()
  net.output.info(`*** Testing network ${bw.toFixed(2)} Mbps bandwidth limit\n`)
  await net.iperf()
  await runCpuLimitTest(net, cpu)
  await net.stop()
}
