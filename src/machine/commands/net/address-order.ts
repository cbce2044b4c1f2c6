import type { Address, Link, Namespace } from '../../../host/index.ts'

const narrow = ['global', 'site', 'link', 'host', 'nowhere']

/**
 * The addresses of a link in the kernel's order. IPv4: primary ones, those of narrower scope first, then secondary ones;
 * IPv6: wider scope first, and the newest first of one scope.
 */
export const addressesOf = (namespace: Namespace, link: Link): Address[] => {
  const scope = (a: Address): number => narrow.indexOf(a.scope)
  const four = namespace.addresses.of(link, 4)
  const primary = four.filter(a => !a.secondary).sort((a, b) => scope(b) - scope(a))
  const six = namespace.addresses.of(link, 6).reverse()
  return [...primary, ...four.filter(a => a.secondary), ...six.sort((a, b) => scope(a) - scope(b))]
}
