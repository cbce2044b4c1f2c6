import { describe, expect, test } from 'vitest'
import { bench } from '../bench.testing.ts'
import { programs } from '../index.ts'

/**
 * Sessions as Open vSwitch 3.1.0 answered them: command line, status, and what it printed on both channels. What holds
 * times, UUIDs or lists in no certain order is left out (undefined); test/interop compares that too.
 */
type Session = readonly (readonly [line: string, status: number, printed: string | undefined])[]
const sessions: readonly Session[] = [
  [
    ['ovs-vsctl add-br br0', 0, ''],
    [
      'ovs-vsctl add-port br0 v0 -- set interface v0 type=vxlan -- add-port br0 p0 -- set interface p0 type=patch options:peer=x',
      0,
      "ovs-vsctl: Error detected while setting up 'v0': v0: vxlan type requires valid 'remote_ip' argument.  See ovs-vswitchd log for details.\n" +
        'ovs-vsctl: The default log directory is "/var/log/openvswitch".\n',
    ],
    ['ovs-vsctl get interface v0 ofport', 0, '-1\n'],
    ['ovs-vsctl --no-wait add-port br0 v1 -- set interface v1 type=vxlan', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    [
      'ovs-vsctl add-br br0',
      1,
      'ovs-vsctl: cannot create a bridge named br0 because a bridge named br0 already exists\n',
    ],
    [
      'ovs-vsctl add-br br0',
      1,
      'ovs-vsctl: cannot create a bridge named br0 because a bridge named br0 already exists\n',
    ],
    ['ovs-vsctl --may-exist add-br br0', 0, ''],
    ['ovs-vsctl add-br', 1, "ovs-vsctl: 'add-br' command requires at least 1 arguments\n"],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl add-br a b', 1, "ovs-vsctl: 'add-br' command takes exactly 1 or 3 arguments\n"],
    ['ovs-vsctl add-br a b c d', 1, "ovs-vsctl: 'add-br' command takes at most 3 arguments\n"],
    [
      'ovs-vsctl add-br br0 -- add-br br1',
      1,
      'ovs-vsctl: cannot create a bridge named br0 because a bridge named br0 already exists\n',
    ],
    [
      'ovs-vsctl add-br br1',
      1,
      'ovs-vsctl: cannot create a bridge named br1 because a bridge named br1 already exists\n',
    ],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl list-br', 0, undefined],
    ['ovs-vsctl list-br x', 1, "ovs-vsctl: 'list-br' command takes at most 0 arguments\n"],
    ['ovs-vsctl br-exists br0', 0, ''],
    ['ovs-vsctl br-exists nobr', 2, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    [
      'ovs-vsctl add-port br0 p1',
      1,
      'ovs-vsctl: cannot create a port named p1 because a port named p1 already exists on bridge br0\n',
    ],
    [
      'ovs-vsctl add-port br0 p1',
      1,
      'ovs-vsctl: cannot create a port named p1 because a port named p1 already exists on bridge br0\n',
    ],
    [
      'ovs-vsctl add-port br1 p1',
      1,
      'ovs-vsctl: cannot create a port named p1 because a port named p1 already exists on bridge br0\n',
    ],
    ['ovs-vsctl --may-exist add-port br0 p1', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    [
      'ovs-vsctl --may-exist add-port br1 p1',
      1,
      'ovs-vsctl: "--may-exist add-port br1 p1" but p1 is actually attached to bridge br0\n',
    ],
    [
      'ovs-vsctl add-port nobr p2',
      1,
      'ovs-vsctl: cannot create a port named p2 because a port named p2 already exists on bridge br0\n',
    ],
    [
      'ovs-vsctl add-port br0 br1',
      1,
      'ovs-vsctl: cannot create a port named br1 because a bridge named br1 already exists\n',
    ],
    ['ovs-vsctl add-port br0', 1, "ovs-vsctl: 'add-port' command requires at least 2 arguments\n"],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    [
      'ovs-vsctl add-br p1',
      1,
      'ovs-vsctl: cannot create a bridge named p1 because a port named p1 already exists on bridge br0\n',
    ],
    ['ovs-vsctl list-ports br0', 0, undefined],
    ['ovs-vsctl list-ports nobr', 1, 'ovs-vsctl: no bridge named nobr\n'],
    ['ovs-vsctl list-ifaces br0', 0, undefined],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl port-to-br p1', 0, 'br0\n'],
    ['ovs-vsctl port-to-br nop', 1, 'ovs-vsctl: no port named nop\n'],
    ['ovs-vsctl port-to-br br0', 1, 'ovs-vsctl: no port named br0\n'],
    ['ovs-vsctl iface-to-br p1', 0, 'br0\n'],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl iface-to-br br0', 1, 'ovs-vsctl: no interface named br0\n'],
    ['ovs-vsctl iface-to-br nop', 1, 'ovs-vsctl: no interface named nop\n'],
    ['ovs-vsctl del-port nop', 1, 'ovs-vsctl: no port named nop\n'],
    ['ovs-vsctl --if-exists del-port nop', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl del-port br1 p1', 1, 'ovs-vsctl: bridge br1 does not have a port p1\n'],
    ['ovs-vsctl del-port br0 nop', 1, 'ovs-vsctl: no port named nop\n'],
    [
      'ovs-vsctl del-port br0 br0',
      1,
      'ovs-vsctl: cannot delete port br0 because it is the local port for bridge br0 (deleting this port requires deleting the entire bridge)\n',
    ],
    [
      'ovs-vsctl del-port br0',
      1,
      'ovs-vsctl: cannot delete port br0 because it is the local port for bridge br0 (deleting this port requires deleting the entire bridge)\n',
    ],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl del-br nobr', 1, 'ovs-vsctl: no bridge named nobr\n'],
    ['ovs-vsctl --if-exists del-br nobr', 0, ''],
    ['ovs-vsctl --foo del-br nobr', 1, "ovs-vsctl: unrecognized option '--foo'\n"],
    ['ovs-vsctl --may-exist del-br nobr', 1, "ovs-vsctl: 'del-br' command has no '--may-exist' option\n"],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    [
      'ovs-vsctl add-port br0 p2 tag=5',
      1,
      'ovs-vsctl: cannot create a port named p2 because a port named p2 already exists on bridge br0\n',
    ],
    [
      'ovs-vsctl add-port br0 p3 tag=5000',
      1,
      'ovs-vsctl: constraint violation: 5000 is not in the valid range 0 to 4095 (inclusive)\n',
    ],
    ['ovs-vsctl add-port br0 p3 foo=5', 1, 'ovs-vsctl: Port does not contain a column whose name matches "foo"\n'],
    ['ovs-vsctl add-port br0 p3 -- set interface p3 type=internal ofport_request=7', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl get interface p3 ofport', 1, 'ovs-vsctl: no row "p3" in table Interface\n'],
    ['ovs-vsctl get interface p3 type ofport_request', 1, 'ovs-vsctl: no row "p3" in table Interface\n'],
    ['ovs-vsctl get interface p3 foo', 1, 'ovs-vsctl: Interface does not contain a column whose name matches "foo"\n'],
    ['ovs-vsctl get interface nop ofport', 1, 'ovs-vsctl: no row "nop" in table Interface\n'],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl get foo p3 ofport', 1, 'ovs-vsctl: unknown table "foo"\n'],
    ['ovs-vsctl get port p2 tag', 0, '5\n'],
    ['ovs-vsctl get port p2 _uuid', 0, undefined],
    ['ovs-vsctl set port p2 tag=7', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl set port p2 tag=x', 1, 'ovs-vsctl: "x" is not a valid integer or range\n'],
    ['ovs-vsctl set port p2 tag=1,2', 1, 'ovs-vsctl: 1,2: 2 value(s) specified but the maximum number is 1\n'],
    ['ovs-vsctl set port p2 trunks=1,2,3', 0, ''],
    ['ovs-vsctl set port p2 trunks=[4,5]', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl get port p2 trunks', 0, '[]\n'],
    [
      'ovs-vsctl set port p2 trunks=5000',
      1,
      'ovs-vsctl: constraint violation: 5000 is not in the valid range 0 to 4095 (inclusive)\n',
    ],
    [
      'ovs-vsctl set port p2 vlan_mode=foo',
      1,
      'ovs-vsctl: constraint violation: foo is not one of the allowed values ([access, dot1q-tunnel, native-tagged, native-untagged, trunk])\n',
    ],
    ['ovs-vsctl set port p2 vlan_mode=access', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl set port p2 name=foo', 1, 'ovs-vsctl: cannot modify read-only column name in table Port\n'],
    ['ovs-vsctl set port p2 foo=1', 1, 'ovs-vsctl: Port does not contain a column whose name matches "foo"\n'],
    ['ovs-vsctl set port p2', 1, "ovs-vsctl: 'set' command requires at least 3 arguments\n"],
    ['ovs-vsctl set port p2 tag', 1, 'ovs-vsctl: tag: argument does not end in "=" followed by a value.\n'],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl set port p2 tag=', 1, 'ovs-vsctl: tag=: argument does not end in "=" followed by a value.\n'],
    ['ovs-vsctl set port p2 tag=[]', 0, ''],
    ['ovs-vsctl set port p2 other_config:foo=bar', 0, ''],
    ['ovs-vsctl set port p2 other_config:a=b other_config:c=d', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl get port p2 other_config', 0, '{}\n'],
    ['ovs-vsctl get port p2 other_config:foo', 1, 'ovs-vsctl: no key "foo" in Port record "p2" column other_config\n'],
    [
      'ovs-vsctl get port p2 other_config:nokey',
      1,
      'ovs-vsctl: no key "nokey" in Port record "p2" column other_config\n',
    ],
    ['ovs-vsctl --if-exists get port p2 other_config:nokey', 0, '\n'],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl set port p2 other-config={x=y,z="a b"}', 1, 'ovs-vsctl: b}: syntax error at "}" expecting "="\n'],
    ['ovs-vsctl get port p2 other_config', 0, '{}\n'],
    ['ovs-vsctl add port p2 trunks 9', 0, ''],
    ['ovs-vsctl add port p2 trunks 9', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl add port p2 trunks x', 1, 'ovs-vsctl: "x" is not a valid integer or range\n'],
    ['ovs-vsctl add port p2 other_config q=r', 0, ''],
    ['ovs-vsctl add port p2 other_config q', 1, 'ovs-vsctl: q: syntax error at "\n'],
    ['ovs-vsctl add port p2 tag 3', 1, undefined],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl add port p2 tag 4', 1, undefined],
    ['ovs-vsctl get port p2 trunks other_config', 0, '[]\n{}\n'],
    ['ovs-vsctl remove port p2 trunks 9', 0, ''],
    ['ovs-vsctl remove port p2 trunks 99', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl remove port p2 other_config q', 0, ''],
    ['ovs-vsctl remove port p2 other_config x=n', 0, ''],
    ['ovs-vsctl remove port p2 other_config x=y', 0, ''],
    ['ovs-vsctl remove port p2 bond_updelay 3', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl get port p2 trunks other_config', 0, '[]\n{}\n'],
    ['ovs-vsctl clear port p2 trunks', 0, ''],
    ['ovs-vsctl clear port p2 foo', 1, 'ovs-vsctl: Port does not contain a column whose name matches "foo"\n'],
    ['ovs-vsctl clear port p2 name', 1, 'ovs-vsctl: cannot modify read-only column name in table Port\n'],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    [
      'ovs-vsctl clear port p2 interfaces',
      1,
      'ovs-vsctl: "clear" operation cannot be applied to column interfaces of table Port, which is not allowed to be empty\n',
    ],
    ['ovs-vsctl clear port p2 other_config tag', 0, ''],
    ['ovs-vsctl get port p2 trunks other_config tag', 0, '[]\n{}\n[]\n'],
    ['ovs-vsctl set bridge br0 fail_mode=secure', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl get-fail-mode br0', 0, ''],
    ['ovs-vsctl set-fail-mode br0 standalone', 0, ''],
    ['ovs-vsctl get-fail-mode br0', 0, 'standalone\n'],
    ['ovs-vsctl set-fail-mode br0 foo', 1, 'ovs-vsctl: fail-mode must be "standalone" or "secure"\n'],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl set-fail-mode nobr secure', 1, 'ovs-vsctl: no bridge named nobr\n'],
    ['ovs-vsctl del-fail-mode br0', 0, ''],
    ['ovs-vsctl get-fail-mode br0', 0, ''],
    ['ovs-vsctl get-fail-mode nobr', 1, 'ovs-vsctl: no bridge named nobr\n'],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl set-controller br0 tcp:127.0.0.1:6653', 0, ''],
    ['ovs-vsctl get-controller br0', 0, 'tcp:127.0.0.1:6653\n'],
    ['ovs-vsctl set-controller br0 tcp:127.0.0.1:6653 ptcp:6654', 0, ''],
    ['ovs-vsctl get-controller br0', 0, undefined],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl set-controller br0 foo', 0, undefined],
    ['ovs-vsctl set-controller br0', 0, ''],
    ['ovs-vsctl get-controller br0', 0, ''],
    ['ovs-vsctl del-controller br0', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl get-controller br0', 0, ''],
    ['ovs-vsctl set-manager ptcp:6640', 0, ''],
    ['ovs-vsctl get-manager', 0, 'ptcp:6640\n'],
    ['ovs-vsctl del-manager', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl get-manager', 0, ''],
    ['ovs-vsctl set interface p1 type=vxlan option:remote_ip=1.2.3.4 options:key=flow', 0, ''],
    ['ovs-vsctl get interface p1 options', 0, '{key=flow, remote_ip="1.2.3.4"}\n'],
    ['ovs-vsctl get interface p1 option', 0, '{key=flow, remote_ip="1.2.3.4"}\n'],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    [
      'ovs-vsctl get interface p1 o',
      1,
      'ovs-vsctl: Interface contains more than one column whose name matches "o": ofport, ofport_request, options, other_config\n',
    ],
    [
      'ovs-vsctl set interface p1 ofp=3',
      1,
      'ovs-vsctl: Interface contains more than one column whose name matches "ofp": ofport, ofport_request\n',
    ],
    [
      'ovs-vsctl get interface p1 opt:remote_ip',
      1,
      'ovs-vsctl: no key "remote_ip" in Interface record "p1" column options\n',
    ],
    ['ovs-vsctl set interface p1 other_config=foo', 1, 'ovs-vsctl: foo: syntax error at "\n'],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl list interface nop', 1, 'ovs-vsctl: no row "nop" in table Interface\n'],
    ['ovs-vsctl list foo', 1, 'ovs-vsctl: unknown table "foo"\n'],
    ['ovs-vsctl list', 1, "ovs-vsctl: 'list' command requires at least 1 arguments\n"],
    ['ovs-vsctl list port p2 nop', 1, 'ovs-vsctl: no row "nop" in table Port\n'],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl find port name=p2 tag=3', 0, ''],
    ['ovs-vsctl --columns=name find port name=p2', 0, 'name                : p2\n'],
    ['ovs-vsctl --columns=name find port tag=[]', 0, undefined],
    [
      'ovs-vsctl --columns=name,foo list port',
      1,
      'ovs-vsctl: Port does not contain a column whose name matches "foo"\n',
    ],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    [
      'ovs-vsctl --columns=name find port foo=3',
      1,
      'ovs-vsctl: Port does not contain a column whose name matches "foo"\n',
    ],
    [
      'ovs-vsctl --columns=name find port name',
      1,
      'ovs-vsctl: name: argument does not end in "=", "!=", "<", ">", "<=", ">=", "{=}", "{!=}", "{<}", "{>}", "{<=}", "{>=}", "{in}", or "{not-in}" followed by a value.\n',
    ],
    ['ovs-vsctl --columns=name find port tag>=0', 0, 'name                : p2\n'],
    ['ovs-vsctl create port name=x', 1, undefined],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl create interface name=x', 0, undefined],
    ['ovs-vsctl create foo name=x', 1, 'ovs-vsctl: unknown table "foo"\n'],
    ['ovs-vsctl create bridge', 1, "ovs-vsctl: 'create' command requires at least 2 arguments\n"],
    ['ovs-vsctl --if-exists destroy port x', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl destroy foo x', 1, 'ovs-vsctl: unknown table "foo"\n'],
    ['ovs-vsctl br-to-vlan br0', 0, '0\n'],
    ['ovs-vsctl br-to-parent br0', 0, 'br0\n'],
    ['ovs-vsctl br-to-vlan nobr', 1, 'ovs-vsctl: no bridge named nobr\n'],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl br-set-external-id br0 k v', 0, ''],
    ['ovs-vsctl br-get-external-id br0', 0, 'k=v\n'],
    ['ovs-vsctl br-get-external-id br0 k', 0, 'v\n'],
    ['ovs-vsctl br-set-external-id br0 k', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl br-get-external-id br0 k', 0, ''],
    ['ovs-vsctl foo', 1, "ovs-vsctl: unknown command 'foo'; use --help for help\n"],
    ['ovs-vsctl -- list-br', 0, undefined],
    ['ovs-vsctl list-br -- list-br', 0, undefined],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl list-br -- foo', 1, "ovs-vsctl: unknown command 'foo'; use --help for help\n"],
    ['ovs-vsctl list-ports br0', 0, undefined],
    ['ovs-vsctl init', 0, ''],
    ['ovs-vsctl get bridge br0 name datapath_type', 0, 'br0\n""\n'],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl get open . bridges', 0, undefined],
    ['ovs-vsctl get Bridge br0 datapath_id', 0, undefined],
    ['ovs-vsctl set bridge br0 other_config:datapath-id=0000000000000099', 0, ''],
    ['ovs-vsctl get Bridge br0 datapath_id', 0, undefined],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl set bridge br0 other_config:hwaddr=aa:bb:cc:dd:ee:01', 0, ''],
    ['ovs-vsctl get interface br0 mac_in_use', 0, '"aa:bb:cc:dd:ee:01"\n'],
    ['ovs-vsctl --id=@x get port p2', 0, ''],
    ['ovs-vsctl list-ports br0', 0, undefined],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl --id=foo create port name=q', 1, 'ovs-vsctl: row id "foo" does not begin with "@"\n'],
    [
      'ovs-vsctl set interface p1 ofport_request=99999',
      1,
      'ovs-vsctl: constraint violation: 99999 is not in the valid range 1 to 65279 (inclusive)\n',
    ],
    [
      'ovs-vsctl set interface p1 ofport_request=0',
      1,
      'ovs-vsctl: constraint violation: 0 is not in the valid range 1 to 65279 (inclusive)\n',
    ],
    ['ovs-vsctl set interface p1 mtu_request=1400', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl get interface p1 mtu', 0, '1500\n'],
    [
      'ovs-vsctl wait-until interface p1 ofport',
      1,
      'ovs-vsctl: ofport: argument does not end in "=", "!=", "<", ">", "<=", ">=", "{=}", "{!=}", "{<}", "{>}", "{<=}", "{>=}", "{in}", or "{not-in}" followed by a value.\n',
    ],
    ['ovs-vsctl wait-until bridge br0', 0, ''],
    ['ovs-vsctl --if-exists get interface nop ofport', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl --if-exists set interface nop ofport_request=3', 0, ''],
    ['ovs-vsctl comment hello', 0, ''],
    ['ovs-vsctl --version', 0, 'ovs-vsctl (Open vSwitch) 3.1.0\nDB Schema 8.3.1\n'],
    ['ovs-vsctl --no-wait add-bond br0 bond0 e1 e2', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl list-ports br0', 0, undefined],
    ['ovs-vsctl list-ifaces br0', 0, undefined],
    ['ovs-vsctl iface-to-br e1', 1, 'ovs-vsctl: no interface named e1\n'],
    ['ovs-vsctl port-to-br e1', 1, 'ovs-vsctl: no port named e1\n'],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl del-port e1', 1, 'ovs-vsctl: no port named e1\n'],
    ['ovs-vsctl del-port bond0', 1, 'ovs-vsctl: no port named bond0\n'],
    ['ovs-vsctl list-br', 0, undefined],
    ['ovs-vsctl list-ports br0', 0, undefined],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl list-br', 0, undefined],
    ['ovs-vsctl del-br br1', 0, ''],
    ['ovs-vsctl del-br br0', 0, ''],
    ['ovs-vsctl list-br', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=5 -- add-br br1', 0, ''],
    ['ovs-vsctl show', 0, undefined],
  ],
  [
    [
      'ovs-vsctl add-br br0 -- add-port br0 p1 tag=5 vlan_mode=access -- add-port br0 p9 -- set interface p9 ofport_request=1 -- add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=1.2.3.4 options:key=flow -- add-port br0 t1 trunks=3,4',
      0,
      '',
    ],
    ['ovs-vsctl set-controller br0 tcp:127.0.0.1:9', 0, ''],
    [
      'ovs-vsctl add-port br0 p1 tag=5 vlan_mode=access',
      1,
      'ovs-vsctl: cannot create a port named p1 because a port named p1 already exists on bridge br0\n',
    ],
    [
      'ovs-vsctl add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=1.2.3.4 options:key=flow',
      1,
      'ovs-vsctl: cannot create a port named v1 because a port named v1 already exists on bridge br0\n',
    ],
    [
      'ovs-vsctl add-port br0 t1 trunks=3,4',
      1,
      'ovs-vsctl: cannot create a port named t1 because a port named t1 already exists on bridge br0\n',
    ],
  ],
  [
    [
      'ovs-vsctl add-br br0 -- add-port br0 p1 tag=5 vlan_mode=access -- add-port br0 p9 -- set interface p9 ofport_request=1 -- add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=1.2.3.4 options:key=flow -- add-port br0 t1 trunks=3,4',
      0,
      '',
    ],
    ['ovs-vsctl set interface t1 type=foo', 0, ''],
    ['ovs-vsctl add-port br0 pa -- set interface pa type=patch options:peer=pb', 0, ''],
    ['ovs-vsctl show', 0, undefined],
  ],
  [
    [
      'ovs-vsctl add-br br0 -- add-port br0 p1 tag=5 vlan_mode=access -- add-port br0 p9 -- set interface p9 ofport_request=1 -- add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=1.2.3.4 options:key=flow -- add-port br0 t1 trunks=3,4',
      0,
      '',
    ],
    ['ovs-vsctl get interface v1 error', 0, '[]\n'],
    ['ovs-vsctl get interface t1 error', 0, '[]\n'],
    ['ovs-vsctl get interface pa error ofport', 1, 'ovs-vsctl: no row "pa" in table Interface\n'],
  ],
  [
    [
      'ovs-vsctl add-br br0 -- add-port br0 p1 tag=5 vlan_mode=access -- add-port br0 p9 -- set interface p9 ofport_request=1 -- add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=1.2.3.4 options:key=flow -- add-port br0 t1 trunks=3,4',
      0,
      '',
    ],
    [
      'ovs-vsctl add-port br0 p9 -- set interface p9 ofport_request=1',
      1,
      'ovs-vsctl: cannot create a port named p9 because a port named p9 already exists on bridge br0\n',
    ],
    ['ovs-vsctl get interface p9 ofport', 0, '1\n'],
    ['ovs-vsctl set port p1 bond_updelay=x', 1, 'ovs-vsctl: "x" is not a valid integer or range\n'],
    [
      'ovs-vsctl set interface p1 ingress_policing_rate=-1',
      1,
      'ovs-vsctl: constraint violation: -1 is less than minimum allowed value 0\n',
    ],
  ],
  [
    [
      'ovs-vsctl add-br br0 -- add-port br0 p1 tag=5 vlan_mode=access -- add-port br0 p9 -- set interface p9 ofport_request=1 -- add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=1.2.3.4 options:key=flow -- add-port br0 t1 trunks=3,4',
      0,
      '',
    ],
    ['ovs-vsctl set port p1 protected=foo', 1, 'ovs-vsctl: "foo" is not a valid boolean (use "true" or "false")\n'],
    ['ovs-vsctl set port p1 protected=yes', 0, ''],
    ['ovs-vsctl get port p1 protected', 0, 'true\n'],
    ['ovs-vsctl set port p1 tag=3-5', 1, 'ovs-vsctl: 3-5: 3 value(s) specified but the maximum number is 1\n'],
  ],
  [
    [
      'ovs-vsctl add-br br0 -- add-port br0 p1 tag=5 vlan_mode=access -- add-port br0 p9 -- set interface p9 ofport_request=1 -- add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=1.2.3.4 options:key=flow -- add-port br0 t1 trunks=3,4',
      0,
      '',
    ],
    ['ovs-vsctl set port p1 trunks=3-5', 0, ''],
    ['ovs-vsctl get port p1 trunks', 0, '[3, 4, 5]\n'],
    ['ovs-vsctl set port p1 qos=foo', 1, 'ovs-vsctl: "foo" is not a valid UUID\n'],
    [
      'ovs-vsctl set port p1 other_config:a',
      1,
      'ovs-vsctl: other_config:a: argument does not end in "=" followed by a value.\n',
    ],
  ],
  [
    [
      'ovs-vsctl add-br br0 -- add-port br0 p1 tag=5 vlan_mode=access -- add-port br0 p9 -- set interface p9 ofport_request=1 -- add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=1.2.3.4 options:key=flow -- add-port br0 t1 trunks=3,4',
      0,
      '',
    ],
    ['ovs-vsctl set port p1 :a=b', 1, 'ovs-vsctl: :a=b: missing column name\n'],
    ['ovs-vsctl set port p1 tag:a=b', 1, 'ovs-vsctl: cannot specify key to set for non-map column tag\n'],
    ['ovs-vsctl set port p1 tag!=3', 1, 'ovs-vsctl: tag!=3: argument does not end in "=" followed by a value.\n'],
    ['ovs-vsctl set port p1 trunks=[3', 1, 'ovs-vsctl: [3: missing "]" at end of data\n'],
  ],
  [
    [
      'ovs-vsctl add-br br0 -- add-port br0 p1 tag=5 vlan_mode=access -- add-port br0 p9 -- set interface p9 ofport_request=1 -- add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=1.2.3.4 options:key=flow -- add-port br0 t1 trunks=3,4',
      0,
      '',
    ],
    ['ovs-vsctl set port p1 trunks=3]', 1, 'ovs-vsctl: 3]: unexpected "]" parsing set of up to 4096 integers\n'],
    ['ovs-vsctl set port p1 other_config={a=b', 1, 'ovs-vsctl: {a=b: missing "}" at end of data\n'],
    ['ovs-vsctl set port p1 trunks+=3', 1, 'ovs-vsctl: Port does not contain a column whose name matches "trunks+"\n'],
    [
      'ovs-vsctl get port p1 other_config:',
      1,
      'ovs-vsctl: An empty string is not valid as input; use "" to represent the empty string\n',
    ],
  ],
  [
    [
      'ovs-vsctl add-br br0 -- add-port br0 p1 tag=5 vlan_mode=access -- add-port br0 p9 -- set interface p9 ofport_request=1 -- add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=1.2.3.4 options:key=flow -- add-port br0 t1 trunks=3,4',
      0,
      '',
    ],
    ['ovs-vsctl get port p1 tag:3', 1, 'ovs-vsctl: cannot specify key to get for non-map column tag\n'],
    ['ovs-vsctl get port p1 trunks:3', 1, 'ovs-vsctl: cannot specify key to get for non-map column trunks\n'],
    ['ovs-vsctl list port p1 p9 -- list bridge nobr', 1, 'ovs-vsctl: no row "nobr" in table Bridge\n'],
    ['ovs-vsctl --columns=name,tag list port p1', 0, undefined],
  ],
  [
    [
      'ovs-vsctl add-br br0 -- add-port br0 p1 tag=5 vlan_mode=access -- add-port br0 p9 -- set interface p9 ofport_request=1 -- add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=1.2.3.4 options:key=flow -- add-port br0 t1 trunks=3,4',
      0,
      '',
    ],
    ['ovs-vsctl --columns= list port p1', 1, 'ovs-vsctl: must specify at least one column name\n'],
    ['ovs-vsctl --columns=tag,name list port p1', 0, undefined],
    ['ovs-vsctl -f json --columns=name,tag list port p1', 0, '{"data":[["p1",5]],"headings":["name","tag"]}\n'],
    ['ovs-vsctl --no-headings -f csv --columns=name,tag list port p1', 0, 'p1,5\n'],
  ],
  [
    [
      'ovs-vsctl add-br br0 -- add-port br0 p1 tag=5 vlan_mode=access -- add-port br0 p9 -- set interface p9 ofport_request=1 -- add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=1.2.3.4 options:key=flow -- add-port br0 t1 trunks=3,4',
      0,
      '',
    ],
    ['ovs-vsctl --data=json get port p1 trunks', 0, '[]\n'],
    ['ovs-vsctl -t x list-br', 1, 'ovs-vsctl: value x on -t or --timeout is invalid\n'],
    ['ovs-vsctl --timeout=0 list-br', 1, 'ovs-vsctl: value 0 on -t or --timeout is invalid\n'],
    ['ovs-vsctl list-br', 0, 'br0\n'],
  ],
  [
    [
      'ovs-vsctl add-br br0 -- add-port br0 p1 tag=5 vlan_mode=access -- add-port br0 p9 -- set interface p9 ofport_request=1 -- add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=1.2.3.4 options:key=flow -- add-port br0 t1 trunks=3,4',
      0,
      '',
    ],
    ['ovs-vsctl add-port br0 p1 -- --foo list-br', 1, "ovs-vsctl: 'list-br' command has no '--foo' option\n"],
    [
      'ovs-vsctl add-port br0 p1 -- --if-exists list-br',
      1,
      "ovs-vsctl: 'list-br' command has no '--if-exists' option\n",
    ],
    ['ovs-vsctl add-port', 1, "ovs-vsctl: 'add-port' command requires at least 2 arguments\n"],
    ['ovs-vsctl list-ports', 1, "ovs-vsctl: 'list-ports' command requires at least 1 arguments\n"],
  ],
  [
    [
      'ovs-vsctl add-br br0 -- add-port br0 p1 tag=5 vlan_mode=access -- add-port br0 p9 -- set interface p9 ofport_request=1 -- add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=1.2.3.4 options:key=flow -- add-port br0 t1 trunks=3,4',
      0,
      '',
    ],
    ['ovs-vsctl set', 1, "ovs-vsctl: 'set' command requires at least 3 arguments\n"],
    ['ovs-vsctl destroy bridge br0', 0, ''],
    ['ovs-vsctl destroy port p1', 0, ''],
    ['ovs-vsctl list-ports br0', 0, undefined],
  ],
  [
    [
      'ovs-vsctl add-br br0 -- add-port br0 p1 tag=5 vlan_mode=access -- add-port br0 p9 -- set interface p9 ofport_request=1 -- add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=1.2.3.4 options:key=flow -- add-port br0 t1 trunks=3,4',
      0,
      '',
    ],
    ['ovs-vsctl create bridge name=foo', 0, undefined],
    ['ovs-vsctl remove port p1 tag', 1, "ovs-vsctl: 'remove' command requires at least 4 arguments\n"],
    ['ovs-vsctl remove port p1 foo 1', 1, 'ovs-vsctl: Port does not contain a column whose name matches "foo"\n'],
    ['ovs-vsctl remove port p1 tag 5', 0, ''],
  ],
  [
    [
      'ovs-vsctl add-br br0 -- add-port br0 p1 tag=5 vlan_mode=access -- add-port br0 p9 -- set interface p9 ofport_request=1 -- add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=1.2.3.4 options:key=flow -- add-port br0 t1 trunks=3,4',
      0,
      '',
    ],
    ['ovs-vsctl add port p1 name x', 1, 'ovs-vsctl: cannot modify read-only column name in table Port\n'],
    ['ovs-vsctl add port p1 foo x', 1, 'ovs-vsctl: Port does not contain a column whose name matches "foo"\n'],
    ['ovs-vsctl clear port p1', 1, "ovs-vsctl: 'clear' command requires at least 3 arguments\n"],
    ['ovs-vsctl find port tag=1 foo', 1, 'ovs-vsctl: Port does not contain a column whose name matches "foo"\n'],
  ],
  [
    [
      'ovs-vsctl add-br br0 -- add-port br0 p1 tag=5 vlan_mode=access -- add-port br0 p9 -- set interface p9 ofport_request=1 -- add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=1.2.3.4 options:key=flow -- add-port br0 t1 trunks=3,4',
      0,
      '',
    ],
    ['ovs-vsctl find foo', 1, 'ovs-vsctl: unknown table "foo"\n'],
    ['ovs-vsctl find port tag{=}1', 0, ''],
    ['ovs-vsctl find port trunks{>=}3', 0, undefined],
    ['ovs-vsctl find port other_config:x=y', 0, ''],
  ],
  [
    [
      'ovs-vsctl add-br br0 -- add-port br0 p1 tag=5 vlan_mode=access -- add-port br0 p9 -- set interface p9 ofport_request=1 -- add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=1.2.3.4 options:key=flow -- add-port br0 t1 trunks=3,4',
      0,
      '',
    ],
    ['ovs-vsctl find port name=v*', 0, ''],
    ['ovs-vsctl list port name=p1', 1, 'ovs-vsctl: no row "name=p1" in table Port\n'],
    ['ovs-vsctl get port p1', 0, ''],
    ['ovs-vsctl get port', 1, "ovs-vsctl: 'get' command requires at least 2 arguments\n"],
  ],
  [
    [
      'ovs-vsctl add-br br0 -- add-port br0 p1 tag=5 vlan_mode=access -- add-port br0 p9 -- set interface p9 ofport_request=1 -- add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=1.2.3.4 options:key=flow -- add-port br0 t1 trunks=3,4',
      0,
      '',
    ],
    ['ovs-vsctl --id=@a get port p1 -- get port @a name', 1, 'ovs-vsctl: no row "@a" in table Port\n'],
  ],
  [
    ['ovs-vsctl add-br s1', 0, ''],
    [
      'ovs-vsctl add-port s1 vtep -- set interface vtep type=vxlan option:remote_ip=192.168.2.20 option:key=flow ofport_request=10',
      0,
      '',
    ],
    ['ovs-vsctl show', 0, undefined],
    ['ovs-vsctl get interface vtep ofport options', 0, '10\n{key=flow, remote_ip="192.168.2.20"}\n'],
    ['ovs-vsctl list Interface vtep', 0, undefined],
  ],
  [
    ['ovs-vsctl add-br mybridge', 0, ''],
    ['ovs-vsctl show', 0, undefined],
    ['ovs-vsctl add-port mybridge vport1 -- add-port mybridge vport2', 0, ''],
    ['ovs-vsctl show', 0, undefined],
    ['ovs-vsctl list Bridge', 0, undefined],
    ['ovs-vsctl list Port', 0, undefined],
    ['ovs-vsctl list Interface', 0, undefined],
    ['ovs-vsctl del-br mybridge', 0, ''],
    ['ovs-vsctl show', 0, undefined],
  ],
]

describe('ovs-vsctl answers as the original did', () => {
  test.each(sessions.map((session, i) => [i, session] as const))('session %i', (_, session) => {
    const { run, files } = bench(programs)
    for (const [line, status, printed] of session) {
      const file = /^FILE (\S+): (.*)$/s.exec(line)
      if (file !== null) {
        files.set(file[1] as string, file[2] as string)
        continue
      }
      const result = run(line)
      expect({ line, status: result.status }).toEqual({ line, status })
      if (printed !== undefined) expect({ line, printed: result.stdout + result.stderr }).toEqual({ line, printed })
    }
  })
})
