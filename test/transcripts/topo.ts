/** The custom file of the field notes: two hosts on two switches. */
import { Topo } from '../../src/lab/mininet/index.ts'

class MyTopo extends Topo {
  override build(): void {
    const [left, right] = [this.addHost('h1'), this.addHost('h2')]
    const [near, far] = [this.addSwitch('s3'), this.addSwitch('s4')]
    this.addLink(left, near)
    this.addLink(near, far)
    this.addLink(far, right)
  }
}

export const topos = { mytopo: MyTopo }
