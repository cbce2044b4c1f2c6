/**
 * - `eth`: the NIC of a machine; its far end is a cable.
 * - `tap`: persistent; a VM or a lab attaches to its far end.
 * - `internal`: an Open vSwitch internal port; its far end is the switch.
 * - `bridge`: what the machine itself has of a bridge; its far end is the bridge (`bridge/bridge.ts`).
 * - `vlan`: the frames of one VLAN of another link (`vlan-device.ts`).
 */
export type LinkKind = 'loopback' | 'veth' | 'dummy' | 'tap' | 'eth' | 'internal' | 'bridge' | 'vlan'
