// 1,024 hosts behind 33 switches, and the prompt.
//   node examples/mininet/tree1024.mjs
import { TreeNet } from 'weft/lab/mininet'
import { CLI } from 'weft/node'
import { HostV4 } from './treeping64.mjs'

const net = TreeNet(2, 32, { host: HostV4, waitConnected: true, logLevel: 'info' })
await net.run(CLI, net)
