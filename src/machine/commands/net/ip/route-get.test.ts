import { expect, test } from 'vitest'
import { parseIp } from '../../../../wire/address.ts'
import { twoHosts } from '../net.testing.ts'

// As iproute2 6.1 prints it on Linux 6.18.
test('ip route get shows that a router sent us elsewhere, and for how long', () => {
  const { text, machine } = twoHosts()
  text('ip route add default via 10.0.0.2')
  const { root } = machine.kernel
  const link = root.links.get('e0')!
  expect(text('ip route get 10.9.0.1')).toBe('10.9.0.1 via 10.0.0.2 dev e0 src 10.0.0.1 uid 0 \n    cache \n')
  root.redirects4.learn(parseIp('10.9.0.1')!, link, parseIp('10.0.0.3')!)
  text('sleep 0.5')
  expect(text('ip route get 10.9.0.1')).toBe(
    '10.9.0.1 via 10.0.0.3 dev e0 src 10.0.0.1 uid 0 \n    cache <redirected> expires 299sec \n',
  )
  expect(text('ip route get 10.9.0.2')).toBe('10.9.0.2 via 10.0.0.2 dev e0 src 10.0.0.1 uid 0 \n    cache \n')
  text('sleep 300')
  expect(text('ip route get 10.9.0.1')).not.toContain('redirected')
})
