/** What every datapath does with megaflows that may have become wrong. `make` gives a new one without ports. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { Action } from './action.ts'
import type { Datapath } from './datapath.ts'
import { portMask, Taker, udp } from './frames.testing.ts'

export const doubtContract = (name: string, make: () => Datapath): void => {
  describe(`${name} has megaflows that are doubted`, () => {
    let datapath: Datapath
    let ports: Taker[]
    const out = (port: number): Action => ({ type: 'output', port })

    beforeEach(() => {
      datapath = make()
      ports = [0, 1, 2, 3].map(i => new Taker(`p${i}`))
      for (const [i, port] of ports.entries()) datapath.addPort(port, i)
      datapath.onMiss(() => ({ mask: portMask(), actions: [out(2)], install: true }))
    })

    test('which are not used before somebody has looked at it, once', () => {
      datapath.receive(1, udp())
      datapath.receive(2, udp())
      const asked: number[] = []
      const [first, second] = [...datapath.flows()].map(each => each.id)
      datapath.onDoubt(({ id }) => asked.push(id))
      datapath.doubt({ ports: [1, 0xffffffff] })
      expect([...datapath.doubted()].map(each => each.id)).toEqual([first])
      for (const port of [1, 2, 1]) datapath.receive(port, udp())
      expect(asked).toEqual([first])
      datapath.doubt({ id: second! })
      datapath.doubt('all')
      datapath.trust(first!)
      for (const port of [1, 2, 2]) datapath.receive(port, udp())
      expect(asked).toEqual([first, second])
      expect(datapath.stats()).toMatchObject({ hit: 6, missed: 2 })
    })

    test('which may be changed or removed for the frame that asks', () => {
      datapath.receive(1, udp())
      datapath.doubt('all')
      datapath.onDoubt(({ id }) => datapath.replaceActions(id, [out(3)]))
      datapath.receive(1, udp())
      expect(ports[3]?.frames).toHaveLength(1)
      datapath.doubt('all')
      datapath.onDoubt(({ id }) => datapath.removeFlow(id))
      datapath.receive(1, udp())
      expect(ports[2]?.frames).toHaveLength(2)
      expect(datapath.stats()).toMatchObject({ hit: 1, missed: 2, flows: 1 })
    })
  })
}
