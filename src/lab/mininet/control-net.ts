import { second, sleep } from '../../runtime/index.ts'
import type { Intf } from './intf.ts'
import { Link } from './link.ts'
import { Mininet } from './mininet.ts'
import { ipParse, ipStr } from './numbers.ts'

/** The controller's address in the control network; switches have those that follow. */
const controllerIP = '192.168.123.1'
const prefixLen = 16

/**
 * A network whose controller and switches are each in a namespace of their own, and reach one another by a network for that
 * alone: a cable from each switch to the first controller, which routes by host.
 */
export class MininetWithControlNet extends Mininet {
  protected override async configureControlNetwork(): Promise<void> {
    const { output, switches } = this
    const [controller] = this.controllers
    if (controller === undefined) throw new RangeError('list index out of range')
    output.info(`${controller.name} <->`)
    let number = ipParse(controllerIP)
    const ends: Intf[] = []
    for (const each of switches) {
      output.info(` ${each.name}`)
      const { intf1, intf2 } = new Link(each, controller, { port1: 0 })
      each.controlIntf = intf1
      do number++
      while ((number & 0xff) === 0 || (number & 0xff) === 255)
      const ip = ipStr(number)
      await intf2.setIP(controllerIP, prefixLen)
      await intf1.setIP(ip, prefixLen)
      await controller.setHostRoute(ip, intf2)
      await each.setHostRoute(controllerIP, intf1)
      ends.push(intf1)
    }
    output.info('\n*** Testing control network\n')
    for (const [i, each] of switches.entries()) {
      await this.untilUp(ends[i] as Intf)
      if ((await this.ping([each, controller])) === 0) continue
      output.error('*** Error: control network test failed\n')
      throw new Error('control network test failed')
    }
    output.info('\n')
  }

  private async untilUp(intf: Intf): Promise<void> {
    while (!intf.isUp()) {
      this.output.info(`*** Waiting for ${intf} to come up\n`)
      await this.box.calls.run(sleep(this.box.clock, second))
    }
  }
}
