import { describe, expect, test } from 'vitest'
import { hashText, inTableOrder } from './name-order.ts'

describe('the order of names in a hash table', () => {
  test('hashes are murmur3 of 32 bits where there are whole words', () => {
    expect(hashText('')).toBe(0)
    // MurmurHash3_x86_32 with seed 0 (Wikipedia's list of test vectors).
    expect(hashText('test')).toBe(0xba6bd213)
  })

  test('is that of ovs-vsctl 3.1 --commands', () => {
    const registered =
      'comment get list find set add remove clear create destroy wait-until show init add-br del-br list-br br-exists ' +
      'br-to-vlan br-to-parent br-set-external-id br-get-external-id list-ports add-port del-port port-to-br add-bond ' +
      'add-bond-iface del-bond-iface list-ifaces iface-to-br get-controller del-controller set-controller get-fail-mode ' +
      'del-fail-mode set-fail-mode get-manager del-manager set-manager get-ssl del-ssl set-ssl add-aa-mapping ' +
      'del-aa-mapping get-aa-mapping emer-reset add-zone-tp del-zone-tp list-zone-tp list-dp-cap'
    const listed =
      'wait-until add-zone-tp comment clear init create set-fail-mode add-port del-bond-iface del-ssl set-controller ' +
      'list-br br-exists list-ports del-manager list-dp-cap add-bond-iface get-manager get-controller ' +
      'br-set-external-id list-ifaces list-zone-tp get-aa-mapping get add-aa-mapping del-fail-mode br-get-external-id ' +
      'del-zone-tp del-port port-to-br del-controller find set emer-reset set-ssl del-aa-mapping add-br br-to-parent ' +
      'iface-to-br list add set-manager del-br remove get-ssl get-fail-mode destroy br-to-vlan add-bond show'
    expect(inTableOrder(registered.split(' '))).toEqual(listed.split(' '))
  })
})
