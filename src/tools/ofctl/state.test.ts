import { describe, expect, test } from 'vitest'
import { bench } from '../bench.testing.ts'
import { programs } from '../index.ts'

/** A machine with a bridge br0 and its ports p1 and p2. */
const machine = () => {
  const made = bench(programs)
  made.run('ovs-vsctl add-br br0 -- add-port br0 p1 -- set interface p1 ofport_request=1 -- add-port br0 p2')
  const ofctl = (words: string, stdin?: string) => made.run(`ovs-ofctl ${words}`, stdin)
  return { ...made, ofctl }
}
const right = { stdout: '', stderr: '', status: 0 }

describe('groups', () => {
  test('come, are changed and go', () => {
    const { ofctl } = machine()
    expect(ofctl('add-group br0 group_id=1,type=all,bucket=output:p2')).toEqual(right)
    expect(ofctl('-O OpenFlow13 dump-groups br0').stdout).toBe(
      'OFPST_GROUP_DESC reply (OF1.3) (xid=0x2):\n group_id=1,type=all,bucket=actions=output:2\n',
    )
    expect(
      ofctl('-O OpenFlow15 insert-buckets br0 group_id=1,command_bucket_id=last,bucket=bucket_id:7,output:1'),
    ).toEqual(right)
    expect(ofctl('-O OpenFlow13 --names dump-groups br0').stdout).toContain('output:p2,bucket=actions=output:p1')
    expect(ofctl('--may-create mod-group br0 group_id=9,type=select')).toEqual(right)
    expect(ofctl('del-groups br0')).toEqual(right)
    expect(ofctl('dump-groups br0').stdout).toBe('NXST_GROUP_DESC reply (xid=0x2):\n')
  })

  test('of a file are made line by line, or as a bundle', () => {
    const { ofctl, files } = machine()
    files.set('groups', 'group_id=5,type=all\n# more\nadd group_id=6,type=all\ngroup_id=5,type=all\n')
    expect(ofctl('-O OpenFlow14 --bundle add-groups br0 groups').status).toBe(1)
    expect(ofctl('dump-groups br0').stdout).not.toContain('group_id')
    expect(ofctl('add-groups br0 groups').stderr).toMatch(/^OFPT_ERROR \(xid=0xa\): OFPGMFC_GROUP_EXISTS\n/)
    expect(ofctl('dump-groups br0').stdout).toMatch(/group_id=5.*\n.*group_id=6/)
  })

  test.each([
    ['add-group br0 group_id=1', 'must specify a type'],
    ['add-group br0 - ', '-:1: unknown keyword foo'],
    [
      '-O OpenFlow13 insert-buckets br0 group_id=1,command_bucket_id=last,bucket=output:1',
      "insert-bucket needs OpenFlow 1.5 or later ('-O OpenFlow15')",
    ],
    ['add-groups br0 nofile', 'nofile: open failed (No such file or directory)'],
    ['--read-only add-group br0 group_id=1,type=all', "'add-group' command does not work in read only mode"],
  ])('%s', (words, error) => {
    expect(machine().ofctl(words, 'foo\n')).toEqual({ stdout: '', stderr: `ovs-ofctl: ${error}\n`, status: 1 })
  })
})

describe('meters', () => {
  test('come, are changed and go', () => {
    const { ofctl } = machine()
    expect(ofctl('-O OpenFlow13 add-meter br0 meter=1,kbps,band=type=drop,rate=5')).toEqual(right)
    expect(ofctl('-O OpenFlow13 mod-meter br0 meter=1,pktps,band=type=drop,rate=7')).toEqual(right)
    expect(ofctl('-O OpenFlow13 dump-meter br0 meter=1').stdout).toContain('meter=1 pktps bands=\ntype=drop rate=7\n')
    expect(ofctl('-O OpenFlow13 del-meters br0')).toEqual(right)
    expect(ofctl('-O OpenFlow13 dump-meters br0').stdout).toBe('OFPST_METER_CONFIG reply (OF1.3) (xid=0x2):\n')
  })

  test('want OpenFlow 1.3', () => {
    expect(machine().ofctl('meter-features br0').stderr).toMatch(/^ovs-ofctl: none of the usable flow formats/)
  })
})

test('a bundle does all of it or nothing', () => {
  const { ofctl, files } = machine()
  files.set('good', 'group group_id=1,type=all\nflow add in_port=1,actions=group:1\n')
  expect(ofctl('bundle br0 good')).toEqual(right)
  expect(ofctl('-O OpenFlow13 dump-flows br0 in_port=1').stdout).toContain('actions=group:1')
  files.set('bad', 'flow in_port=2,actions=drop\ngroup group_id=1,type=all\n')
  const { status, stderr } = ofctl('bundle br0 bad')
  expect([status, stderr.split('\n')[0]]).toEqual([
    1,
    'Error OFPGMFC_GROUP_EXISTS for: OFPT_GROUP_MOD (OF1.4) (xid=0x7):',
  ])
  expect(ofctl('dump-flows br0').stdout).not.toContain('in_port=2')
  files.set('wrong', '\nmeter meter=1\n')
  expect(ofctl('bundle br0 wrong').stderr).toBe('ovs-ofctl: wrong:2: Unsupported bundle message type: meter\n')
})

test('tunnel options are mapped', () => {
  const { ofctl } = machine()
  expect(ofctl('add-tlv-map br0 "{class=0xffff,type=1,len=4}->tun_metadata0"')).toEqual(right)
  expect(ofctl('dump-tlv-map br0').stdout).toContain(' 0xffff   0x1       4  tun_metadata0\n')
  expect(ofctl('del-tlv-map br0')).toEqual(right)
  expect(ofctl('dump-tlv-map br0').stdout).not.toContain('tun_metadata0')
})

describe('without a switch', () => {
  const { ofctl } = machine()
  test.each([
    ['ofp-print 0102000800000001', 'OFPT_ECHO_REQUEST (xid=0x1): 0 bytes of payload\n'],
    ['parse-key-value a=b,c(d) x', 'a=b, c=d\nx\n'],
    ['check-vlan 1123 ffff', /^dl_vlan=291,dl_vlan_pcp=0 -> 1123\/ffff\nNXM: NXM_OF_VLAN_TCI\(1123\) -> 1123\/ffff\n/],
    ['compose-packet arp,dl_vlan=5', /^00000000 {2}00 .*81 00 00 05\n00000010 {2}08 06 00 01/],
    ['parse-group group_id=1,type=all', /^usable protocols: any\nchosen version: OpenFlow10\nNXT_GROUP_MOD/],
    ['encode-hello 0x12', / version bitmap: 0x01, 0x04\n$/],
  ])('%s', (words, output) => {
    const { stdout, status } = ofctl(words)
    expect(status).toBe(0)
    if (typeof output === 'string') expect(stdout).toBe(output)
    else expect(stdout).toMatch(output)
  })

  test('lines of stdin', () => {
    expect(ofctl('parse-nxm', '# a\nNXM_OF_IN_PORT(0001)\n').stdout).toBe('# a\nNXM_OF_IN_PORT(0001)\n')
    expect(ofctl('parse-actions OpenFlow10', '0000 0008 0001 0000').stdout).toBe('actions=output:1\n\n')
    expect(ofctl('parse-oxm OpenFlow10').stderr).toBe('ovs-ofctl: OpenFlow10: not a valid version for OXM\n')
  })
})
