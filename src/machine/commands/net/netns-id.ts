import type { Kernel, Link, Namespace } from '../../../host/index.ts'

const known = new WeakMap<Namespace, Map<Namespace, number>>()

/** The number by which a namespace knows another one (nsid), given out when it is first looked at. */
export const netnsId = (namespace: Namespace, other: Namespace): number => {
  let ids = known.get(namespace)
  if (ids === undefined) {
    ids = new Map()
    known.set(namespace, ids)
  }
  const id = ids.get(other) ?? ids.size
  ids.set(other, id)
  return id
}

/** The namespace of a veth's other end, or of the link that a VLAN is of, if it is another than this one's. */
export const peerNamespace = (kernel: Kernel, namespace: Namespace, { linked }: Link): Namespace | undefined => {
  const other = linked === undefined ? undefined : kernel.namespaceOf(linked)
  return other === namespace ? undefined : other
}

/** The numbers of all namespaces that the links of this one lead to. */
export const knownNamespaces = (kernel: Kernel, namespace: Namespace): ReadonlyMap<Namespace, number> => {
  for (const link of namespace.links.all()) {
    const other = peerNamespace(kernel, namespace, link)
    if (other !== undefined) netnsId(namespace, other)
  }
  return known.get(namespace) ?? new Map()
}
