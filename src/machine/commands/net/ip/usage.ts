/** What `ip` prints to stderr when it is not told what to do, or asked for help: the forms that are understood here. */
export const ipHelp = `Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }
       ip [ -force ] -batch filename
where  OBJECT := { address | help | link | maddress | neighbor | neighbour | netns | route |
                   rule | tap | tuntap }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -r[esolve] |
                    -h[uman-readable] | -j[son] | -p[retty] |
                    -f[amily] { inet | inet6 } | -4 | -6 | -br[ief] |
                    -o[neline] | -n[etns] name | -a[ll] | -c[olor]}`

export const linkHelp = `Usage: ip link add [link DEV] [ name ] NAME
		    [ txqueuelen PACKETS ]
		    [ address LLADDR ]
		    [ mtu MTU ] [index IDX ]
		    [ netns { PID | NAME } ]
		    type TYPE [ ARGS ]

	ip link delete { DEVICE | dev DEVICE }

	ip link set { DEVICE | dev DEVICE }
			[ { up | down } ]
		[ allmulticast { on | off } ]
		[ promisc { on | off } ]
		[ txqueuelen PACKETS ]
		[ name NEWNAME ]
		[ address LLADDR ]
		[ mtu MTU ]
		[ netns { PID | NAME } ]
		[ alias NAME ]
		[ master DEVICE ] [ nomaster ]
		[ type TYPE ARGS ]

	ip link show [ DEVICE ] [up] [master DEV] [type TYPE]

	ip link help

TYPE := { bridge | bridge_slave | dummy | veth | vlan }`

export const vethHelp = `Usage: ip link <options> type veth [peer <options>]
To get <options> type 'ip link add help'`

export const addressHelp = `Usage: ip address {add|change|replace} IFADDR dev IFNAME [ LIFETIME ]
                                                      [ CONFFLAG-LIST ]
       ip address del IFADDR dev IFNAME
       ip address flush [ dev IFNAME ] [ scope SCOPE-ID ]
                            [ to PREFIX ] [ FLAG-LIST ] [ label LABEL ] [up]
       ip address [ show [ dev IFNAME ] [ scope SCOPE-ID ] [ master DEVICE ]
                         [ type TYPE ] [ to PREFIX ] [ FLAG-LIST ]
                         [ label LABEL ] [up] ]
IFADDR := PREFIX | ADDR peer PREFIX
          [ broadcast ADDR ]
          [ label IFNAME ] [ scope SCOPE-ID ]
SCOPE-ID := [ host | link | global | NUMBER ]
CONFFLAG  := [ nodad | noprefixroute ]
LIFETIME := [ valid_lft LFT ] [ preferred_lft LFT ]
LFT := forever | SECONDS`

export const routeHelp = `Usage: ip route { list | flush } SELECTOR
       ip route get ADDRESS
                            [ from ADDRESS ] [ oif STRING ]
       ip route { add | del | change | replace } ROUTE
SELECTOR := [ root PREFIX ] [ match PREFIX ] [ exact PREFIX ]
            [ table TABLE_ID ] [ proto RTPROTO ]
            [ type TYPE ] [ scope SCOPE ]
ROUTE := [ TYPE ] PREFIX [ via ADDRESS ] [ dev STRING ] [ onlink ]
         [ table TABLE_ID ] [ proto RTPROTO ] [ scope SCOPE ]
         [ metric METRIC ] [ src ADDRESS ] [ mtu NUMBER ]`

export const neighHelp = `Usage: ip neigh { add | del | change | replace }
                { ADDR [ lladdr LLADDR ] [ nud STATE ] }
                [ dev DEV ]

	ip neigh { show | flush } [ to PREFIX ] [ dev DEV ] [ nud STATE ]
	ip neigh get ADDR dev DEV

STATE := { delay | failed | incomplete | noarp | none |
           permanent | probe | reachable | stale }`

export const netnsHelp = `Usage:	ip netns list
	ip netns add NAME
	ip [-all] netns delete [NAME]
	ip netns identify [PID]
	ip netns pids NAME
	ip [-all] netns exec [NAME] cmd ...`

export const tuntapHelp = `Usage: ip tuntap { add | del | show | list | lst | help } [ dev PHYS_DEV ]
       [ mode { tun | tap } ] [ name NAME ]`

export const maddrHelp = `Usage: ip maddr show [ dev STRING ]`
