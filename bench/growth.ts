/** How the cost of a network grows with its hosts: points, the slope through them, and a picture of both. */

/** A network of so many hosts took so many seconds of processor time. */
export type Point = { hosts: number; seconds: number }

/** A power law, `seconds = factor * hosts ** slope`. */
export type Law = { slope: number; factor: number }

/** The power law that lies nearest to the points, by least squares of the logarithms. */
export const lawOf = (points: readonly Point[]): Law => {
  const at = points.map(({ hosts, seconds }) => [Math.log(hosts), Math.log(seconds)] as const)
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x0, y0] = [mean(at.map(([x]) => x)), mean(at.map(([, y]) => y))]
  const slope = mean(at.map(([x, y]) => (x - x0) * (y - y0))) / mean(at.map(([x]) => (x - x0) ** 2))
  return { slope, factor: Math.exp(y0 - slope * x0) }
}

const size = { width: 640, height: 400, left: 70, right: 20, top: 40, bottom: 50 }

/** The powers of `base` around all of `values`. */
const powers = (values: readonly number[], base: number): number[] => {
  const log = (value: number) => Math.log(value) / Math.log(base)
  const from = Math.floor(log(Math.min(...values)) + 1e-9)
  const to = Math.ceil(log(Math.max(...values)) - 1e-9)
  return Array.from({ length: to - from + 1 }, (_, i) => base ** (from + i))
}

/** An SVG of the points and their law, both axes logarithmic. */
export const drawGrowth = (points: readonly Point[], title: string): string => {
  const { slope, factor } = lawOf(points)
  const hosts = powers(
    points.map(point => point.hosts),
    4,
  )
  const times = powers(
    points.map(point => point.seconds),
    10,
  )
  const place = (value: number, ticks: readonly number[], from: number, to: number): number => {
    const [first, last] = [Math.log(ticks[0]!), Math.log(ticks.at(-1)!)]
    return Number((from + ((Math.log(value) - first) / (last - first)) * (to - from)).toFixed(1))
  }
  const bottom = size.height - size.bottom
  const right = size.width - size.right
  const x = (value: number) => place(value, hosts, size.left, right)
  const y = (value: number) => place(value, times, bottom, size.top)
  const law = (value: number) => Math.min(Math.max(factor * value ** slope, times[0]!), times.at(-1)!)
  const [least, most] = [points[0]!.hosts, points.at(-1)!.hosts]
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    `<rect width="${size.width}" height="${size.height}" fill="white"/>`,
    `<text x="${size.left}" y="20" font-size="14">${title}</text>`,
    ...hosts.map(tick => `<path d="M${x(tick)} ${size.top}V${bottom}" stroke="#ddd"/>`),
    ...hosts.map(tick => `<text x="${x(tick)}" y="${bottom + 18}" text-anchor="middle">${tick}</text>`),
    ...times.map(tick => `<path d="M${size.left} ${y(tick)}H${right}" stroke="#ddd"/>`),
    ...times.map(
      tick => `<text x="${size.left - 8}" y="${y(tick) + 4}" text-anchor="end">${Number(tick.toPrecision(3))} s</text>`,
    ),
    `<path d="M${x(least)} ${y(law(least))}L${x(most)} ${y(law(most))}" stroke="#888" stroke-dasharray="4"/>`,
    `<text x="${right - 8}" y="${bottom - 10}" text-anchor="end">slope ${slope.toFixed(2)}</text>`,
    ...points.map(({ hosts: count, seconds }) => `<circle cx="${x(count)}" cy="${y(seconds)}" r="4" fill="#1f6fb2"/>`),
    `<text x="${(size.left + right) / 2}" y="${size.height - 12}" text-anchor="middle">hosts</text>`,
    '</svg>',
  ].join('\n')}\n`
}
