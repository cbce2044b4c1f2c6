import { addWorld } from '../labs/internet.ts'
import type { Box } from './box.ts'

/**
 * Gives the machine an `eth0` that leads to a simulated internet: a machine at 203.0.113.1 that answers for a few names and
 * addresses (`sites`), 8.8.8.8 among them. A router of `addNAT` takes hosts there.
 */
export const joinInternet = ({ network, machine }: Box): void => {
  addWorld(network, `${machine.hostname}:eth0`)
  network.type(
    machine.hostname,
    `ip addr add 203.0.113.2/24 dev eth0
     ip link set eth0 up
     ip route add default via 203.0.113.1
     echo nameserver 8.8.8.8 > /etc/resolv.conf`,
  )
}
