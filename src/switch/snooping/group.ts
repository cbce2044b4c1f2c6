/** A multicast group: an IPv4 address as a number, an IPv6 address as a bigint. */
export type Group = number | bigint
