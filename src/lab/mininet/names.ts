/** What Linux allows of a name (IFNAMSIZ without its 0). */
const longest = 15

const hash = (text: string): string => {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return ((value ^ (value >>> 16)) & 0xffff).toString(16).padStart(4, '0')
}

/**
 * A name that a link can have: the one that is wanted, or its beginning with a number made of all of it, so that long names that
 * begin alike stay apart. `tail` is kept whole.
 */
const fitting = (name: string, tail: string): string => {
  const clean = name.replace(/[/:\s]/g, '_')
  if (clean === name && name.length + tail.length <= longest) return name + tail
  return `${clean.slice(0, Math.max(0, longest - tail.length - 5))}~${hash(name)}${tail}`
}

/** The name of a node's interface: `h1-eth0`. */
export const intfName = (node: string, port: number): string => fitting(node, `-eth${port}`)

/** The name of a switch's bridge: its own if a link can have it. */
export const bridgeName = (node: string): string => fitting(node, '')
