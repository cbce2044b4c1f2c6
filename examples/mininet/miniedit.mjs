// A network that was drawn: the files of MiniEdit, Mininet's editor with windows, are read by `weft mn --topo-file` and here. There
// are no windows; what is drawn comes back as a diagram in Mermaid's language, which many editors and GitHub show.
//   node examples/mininet/miniedit.mjs [FILE.mn]
import { readFileSync } from 'node:fs'
import { exportMermaid, fromMiniEdit, Mininet, OVSBridge, TCLink } from 'weft/lab/mininet'
import { CLI } from 'weft/node'

const path = process.argv[2] ?? new URL('miniedit.mn', import.meta.url)
const net = new Mininet({
  topo: fromMiniEdit(JSON.parse(readFileSync(path, 'utf8'))),
  switch: OVSBridge,
  controller: null,
  link: TCLink,
  logLevel: 'info',
})
await net.start()
console.log(exportMermaid(net))
await CLI(net)
await net.stop()
