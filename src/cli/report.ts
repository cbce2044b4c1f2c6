import { type Demonstration, isRight, type Lab, type Network } from '../lab/index.ts'
import { formatIp4 } from '../wire/address.ts'
import { dissect } from '../wire/layers.ts'
import { toJson } from '../wire/show-layers.ts'

/** A demonstration as plain data for `--json`: addresses as text, delay in ns, bandwidth in bits a second. */
export const report = (network: Network, lab: Lab, { results, frame, missing, passed }: Demonstration) => ({
  lab: lab.name,
  seed: network.seed,
  cables: network.cables.map(({ a, b, options }) => ({ a: a.name, b: b.name, ...options })),
  pings: results.map(result => ({
    ...result,
    address: result.address === undefined ? null : formatIp4(result.address),
    right: isRight(result),
  })),
  frame: frame === undefined ? null : toJson(dissect(frame.bytes, frame.start, frame.end)),
  ...(missing === undefined ? {} : { missing }),
  passed,
})
