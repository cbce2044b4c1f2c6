import { Refusal } from '../refusal.ts'
import { type Words, wholeNumber, wrong } from './words.ts'

const usage = `Usage: ... vlan id VLANID
		[ protocol VLANPROTO ]
		[ reorder_hdr { on | off } ]
		[ gvrp { on | off } ]
		[ mvrp { on | off } ]
		[ loose_binding { on | off } ]
		[ bridge_binding { on | off } ]
		[ ingress-qos-map QOS-MAP ]
		[ egress-qos-map QOS-MAP ]

VLANID := 0-4095
VLANPROTO: [ 802.1Q | 802.1ad ]
QOS-MAP := [ QOS-MAP ] QOS-MAPPING
QOS-MAPPING := FROM:TO`

/** The number behind `type vlan id`. */
export const readVlanWords = (words: Words): number => {
  let id: number | undefined
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === 'id') {
      const value = words.need()
      id = wholeNumber(value)
      if (id === undefined || id > 0xffff) throw wrong(value, 'id is invalid')
    } else if (word === 'protocol') {
      const value = words.need()
      if (value.toLowerCase() !== '802.1q') throw wrong(value, 'protocol is invalid')
    } else if (word === 'help') throw new Refusal(usage, 255)
    else throw new Refusal(`vlan: unknown command "${word}"?\n${usage}`, 1)
  }
  if (id === undefined) throw new Refusal('Error: VLAN properties not specified.', 2)
  return id
}
