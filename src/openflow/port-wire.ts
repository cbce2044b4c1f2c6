import type { Reader, Writer } from './bytes.ts'
import { type Decoded, decoded, refused } from './error.ts'
import { type PortDesc, PortStateBit } from './port-desc.ts'
import { featuresFrom10, featuresTo10, speedOf } from './port-features.ts'
import { fromPort11, toPort11 } from './port-number.ts'
import type { Warn } from './port-text.ts'
import { beginProperty, takeProperty } from './property.ts'
import type { Version } from './protocol.ts'

/** ofp10_phy_port, ofp11_port, ofp14_port without its properties; bytes. */
const size10 = 48
const size11 = 64
const size14 = 40
const nameSize = 16

const config10 = 0x7f
/** OFPPC11_*: PORT_DOWN, NO_RECV, NO_FWD, NO_PACKET_IN. */
const config11 = 0x65
const state10 = PortStateBit.linkDown | PortStateBit.stpMask
const state11 = PortStateBit.linkDown | PortStateBit.blocked | PortStateBit.live

/** Smallest size of a port in a message. */
export const portSize = (version: Version): number => (version === 1 ? size10 : version < 5 ? size11 : size14)

export const writeMac = (mac: number, out: Writer): void => {
  out.u16(Math.floor(mac / 0x100000000))
  out.u32(mac >>> 0)
}
export const readMac = (bytes: Reader): number => bytes.u16() * 0x100000000 + bytes.u32()

/** Writes ofp_phy_port (1.0) or ofp_port. */
export const encodePort = (port: PortDesc, out: Writer, version: Version): void => {
  if (version === 1) encode10(port, out)
  else if (version < 5) encode11(port, out)
  else encode14(port, out)
}

const encode10 = (port: PortDesc, out: Writer): void => {
  out.u16(port.port)
  writeMac(port.mac, out)
  out.text(port.name, nameSize)
  out.u32(port.config & config10)
  out.u32(port.state & state10)
  for (const features of [port.current, port.advertised, port.supported, port.peer]) out.u32(featuresTo10(features))
}

const encodeFeatures = (port: PortDesc, out: Writer): void => {
  for (const features of [port.current, port.advertised, port.supported, port.peer]) out.u32(features & 0xffff)
  out.u32(port.currentSpeed)
  out.u32(port.maxSpeed)
}

const encode11 = (port: PortDesc, out: Writer): void => {
  out.u32(toPort11(port.port))
  out.zeros(4)
  writeMac(port.mac, out)
  out.zeros(2)
  out.text(port.name, nameSize)
  out.u32(port.config & config11)
  out.u32(port.state & state11)
  encodeFeatures(port, out)
}

const ethernetProperty = 0
const ethernetSize = 24

const encode14 = (port: PortDesc, out: Writer): void => {
  const start = out.at
  out.u32(toPort11(port.port))
  out.zeros(4)
  writeMac(port.mac, out)
  out.zeros(2)
  out.text(port.name, nameSize)
  out.u32(port.config & config11)
  out.u32(port.state & state11)
  const end = beginProperty(out, ethernetProperty)
  out.zeros(4)
  encodeFeatures(port, out)
  end()
  out.put16(start + 4, out.at - start)
}

/** Takes a port off a message. */
export const decodePort = (bytes: Reader, version: Version, warn?: Warn): Decoded<PortDesc> => {
  if (bytes.left < portSize(version)) return refused('OFPBRC_BAD_LEN')
  return version === 1 ? decode10(bytes) : version < 5 ? decode11(bytes, warn) : decode14(bytes, warn)
}

const decode10 = (bytes: Reader): Decoded<PortDesc> => {
  const port = bytes.u16()
  const mac = readMac(bytes)
  const name = bytes.text(nameSize - 1)
  bytes.skip(1)
  const config = bytes.u32() & config10
  const state = bytes.u32() & state10
  const current = featuresFrom10(bytes.u32())
  const advertised = featuresFrom10(bytes.u32())
  const supported = featuresFrom10(bytes.u32())
  const peer = featuresFrom10(bytes.u32())
  const currentSpeed = speedOf(current)
  const maxSpeed = speedOf(supported)
  return decoded({ port, mac, name, config, state, current, advertised, supported, peer, currentSpeed, maxSpeed })
}

type Features = Pick<PortDesc, 'current' | 'advertised' | 'supported' | 'peer' | 'currentSpeed' | 'maxSpeed'>
const noFeatures: Features = { current: 0, advertised: 0, supported: 0, peer: 0, currentSpeed: 0, maxSpeed: 0 }

const decodeFeatures = (bytes: Reader): Features => ({
  current: bytes.u32() & 0xffff,
  advertised: bytes.u32() & 0xffff,
  supported: bytes.u32() & 0xffff,
  peer: bytes.u32() & 0xffff,
  currentSpeed: bytes.u32(),
  maxSpeed: bytes.u32(),
})

const decode11 = (bytes: Reader, warn: Warn | undefined): Decoded<PortDesc> => {
  const number = bytes.u32()
  bytes.skip(4)
  const rest = decodeSettings(bytes)
  const features = decodeFeatures(bytes)
  const port = fromPort11(number, warn)
  return port === undefined ? refused('OFPBAC_BAD_OUT_PORT') : decoded({ port, ...rest, ...features })
}

/** What 1.1 and 1.4 have alike, from the MAC on. */
const decodeSettings = (bytes: Reader): Pick<PortDesc, 'mac' | 'name' | 'config' | 'state'> => {
  const mac = readMac(bytes)
  bytes.skip(2)
  const name = bytes.text(nameSize - 1)
  bytes.skip(1)
  return { mac, name, config: bytes.u32() & config11, state: bytes.u32() & state11 }
}

const decode14 = (bytes: Reader, warn: Warn | undefined): Decoded<PortDesc> => {
  const start = bytes.at
  const number = bytes.u32()
  const length = bytes.u16()
  if (length < size14 || start + length > bytes.end) return refused('OFPBRC_BAD_LEN')
  bytes.at = start
  const whole = bytes.part(length) as Reader
  whole.skip(8)
  const port = fromPort11(number, warn)
  if (port === undefined) return refused('OFPBAC_BAD_OUT_PORT')
  const settings = decodeSettings(whole)
  let features = noFeatures
  while (whole.left > 0) {
    const property = takeProperty(whole)
    if (!property.ok) return property
    // Others, optical ones and experimenters', are passed over.
    if (property.value.type !== ethernetProperty) continue
    const body = property.value.bytes
    if (body.left !== ethernetSize + 4) return refused('OFPBPC_BAD_LEN')
    body.skip(4)
    features = decodeFeatures(body)
  }
  return decoded({ port, ...settings, ...features })
}
