/** OFPPF_*: bits 0 to 6 are the same in 1.0 and later, up to 10 Gbit/s full duplex. */
const common = 0x7f
/** 1.0 has copper, fiber, autoneg, pause and pause_asym from bit 7 on, later versions from bit 11. */
const media10 = 7
const media11 = 11
const media = 0x1f

/** 1.0's bits of a port's features as those of 1.1 and later. */
export const featuresFrom10 = (bits: number): number => (bits & common) | (((bits >>> media10) & media) << media11)

/** The other way; speeds that 1.0 has no bit for are left out. */
export const featuresTo10 = (bits: number): number => (bits & common) | (((bits >>> media11) & media) << media10)

/** The names of OFPPF11_*, by bit. */
export const featureNames = [
  '10MB-HD',
  '10MB-FD',
  '100MB-HD',
  '100MB-FD',
  '1GB-HD',
  '1GB-FD',
  '10GB-FD',
  '40GB-FD',
  '100GB-FD',
  '1TB-FD',
  'OTHER',
  'COPPER',
  'FIBER',
  'AUTO_NEG',
  'AUTO_PAUSE',
  'AUTO_PAUSE_ASYM',
] as const

/** kbit/s of the speeds, by bit. */
const speeds = [1e4, 1e4, 1e5, 1e5, 1e6, 1e6, 1e7, 4e7, 1e8, 1e9]

/** The fastest of a port's features, kbit/s; 0 if no speed is among them. */
export const speedOf = (bits: number): number => {
  for (let bit = speeds.length - 1; bit >= 0; bit--) if ((bits >>> bit) & 1) return speeds[bit] as number
  return 0
}

/** Features of a full-duplex link of a speed (bit/s): the bit of that speed, OTHER for odd ones. */
export const featuresOfSpeed = (speed: number): number => {
  const bit = [1, 3, 5, 6, 7, 8, 9].find(at => (speeds[at] as number) * 1000 === speed)
  return 1 << (bit ?? 10)
}
