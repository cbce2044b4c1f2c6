// The prompt of a network on several servers: two commands more, `servers` and `placement`.
//   import { ClusterCLI } from './clustercli.mjs'
import { CLI } from 'weft/node'

/** @param {import('./cluster.mjs').MininetCluster} net */
export const ClusterCLI = net =>
  CLI(net, {
    commands: {
      /** Each server with how many nodes it has, and which links lead out of it. */
      servers: () => {
        for (const server of net.servers) {
          const nodes = net.values().filter(node => node.box === server)
          const out = net.links.filter(
            ({ intf1, intf2 }) => [intf1, intf2].filter(({ node }) => node.box === server).length === 1,
          )
          net.output.output(`${server.machine.hostname}: ${nodes.length} nodes, ${out.length} tunnels\n`)
        }
        return undefined
      },
      /** Where each node is. */
      placement: () => {
        for (const server of net.servers) {
          const names = net.values().flatMap(node => (node.box === server ? [node.name] : []))
          net.output.output(`${server.machine.hostname}: ${names.join(' ')}\n`)
        }
        return undefined
      },
    },
  })

// Run by itself it shows them on a small network.
if (import.meta.url.endsWith(process.argv[1]?.split('/').at(-1) ?? '')) {
  const { LinearTopo } = await import('weft/lab/mininet')
  const { MininetCluster } = await import('./cluster.mjs')
  const net = new MininetCluster({ topo: new LinearTopo(4) })
  await net.interact(() => ClusterCLI(net))
}
