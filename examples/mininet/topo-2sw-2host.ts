// Two switches that are linked, with a host at each:
//   weft mn --custom examples/mininet/topo-2sw-2host.ts --topo mytopo --test pingall
import { Topo } from 'weft/lab/mininet'

class MyTopo extends Topo<[]> {
  override build(): void {
    const [left, right] = [this.addHost('h1'), this.addHost('h2')]
    const [one, other] = [this.addSwitch('s3'), this.addSwitch('s4')]
    this.addLink(left, one)
    this.addLink(one, other)
    this.addLink(other, right)
  }
}

export const topos = { mytopo: MyTopo }
