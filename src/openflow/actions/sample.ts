import type { ActionOf } from '../action.ts'
import type { Reader } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import { parse32, parseUpTo } from '../number.ts'
import { formatPort, parsePort, type Warn } from '../port-text.ts'
import { splitWords } from '../words.ts'
import { type ActionContext, type ActionKind, begin, nicira } from './codec.ts'
import { badArgument, extension } from './form.ts'

type Sample = ActionOf<'sample'>

const plain: Sample = {
  type: 'sample',
  probability: 0,
  collectorSet: 0,
  observationDomain: 0,
  observationPoint: 0,
  samplingPort: undefined,
  direction: 'default',
  form: 1,
}
const noPort = 0xffff
const directions = ['default', 'ingress', 'egress'] as const

const longs: Record<string, 'collectorSet' | 'observationDomain' | 'observationPoint'> = {
  collector_set_id: 'collectorSet',
  obs_domain_id: 'observationDomain',
  obs_point_id: 'observationPoint',
}

/** `sample(probability=…,collector_set_id=…,obs_domain_id=…,obs_point_id=…,sampling_port=…,egress)`. */
const parse = (argument: string, context: ActionContext): Sample | string => {
  let sample = plain
  for (const { name, value } of splitWords(argument)) {
    const next = takeWord(sample, name, value, context)
    if (typeof next === 'string') return next
    sample = next
  }
  if (sample.probability === 0) return 'non-zero "probability" must be specified on sample'
  return { ...sample, form: formOf(sample) }
}

const takeWord = (sample: Sample, name: string, value: string, { ports, warn }: ActionContext): Sample | string => {
  const long = Object.hasOwn(longs, name) ? longs[name] : undefined
  if (long !== undefined) {
    const number = parse32(value)
    return typeof number === 'string' ? number : { ...sample, [long]: number }
  }
  switch (name) {
    case 'probability': {
      const probability = parseUpTo(value, 0xffff)
      if (probability === undefined) return `invalid probability "${value}"`
      return probability === 0 ? `invalid probability value "${value}"` : { ...sample, probability }
    }
    case 'sampling_port': {
      const samplingPort = parsePort(value, ports, warn)
      if (samplingPort === undefined) return `${value}: unknown port`
      return { ...sample, samplingPort: samplingPort === noPort ? undefined : samplingPort }
    }
    case 'ingress':
    case 'egress':
      return { ...sample, direction: name }
    default:
      return `invalid key "${name}" in "sample" argument`
  }
}

/** The oldest form that can say it. */
const formOf = ({ samplingPort, direction }: Sample): Sample['form'] =>
  direction !== 'default' ? 3 : samplingPort !== undefined ? 2 : 1

const decode = (bytes: Reader, form: Sample['form'], warn: Warn): Decoded<Sample> => {
  if (form === 3 && bytes.bytes.subarray(bytes.end - 5, bytes.end).some(byte => byte !== 0)) {
    return refused('NXBRC_MUST_BE_ZERO')
  }
  const probability = bytes.u16()
  const collectorSet = bytes.u32()
  const observationDomain = bytes.u32()
  const observationPoint = bytes.u32()
  if (probability === 0) return badArgument()
  const sample: Sample = { ...plain, probability, collectorSet, observationDomain, observationPoint, form }
  if (form === 1) return decoded(sample)
  const port = bytes.u16()
  const number = form === 3 ? bytes.u8() : 0
  const direction = directions[number]
  if (direction === undefined) {
    warn('ofp_actions', `invalid sample direction ${number}`)
    return badArgument()
  }
  return decoded({ ...sample, samplingPort: port === noPort ? undefined : port, direction })
}

const numbers = { 1: 29, 2: 38, 3: 41 } as const

/** Sends a part of the frames to IPFIX collectors. */
export const sample: ActionKind<'sample'> = {
  type: 'sample',
  parsers: { sample: parse },
  format(action, { ports, paint }) {
    const parts = [
      `${paint.param('probability=')}${action.probability}`,
      `${paint.param('collector_set_id=')}${action.collectorSet}`,
      `${paint.param('obs_domain_id=')}${action.observationDomain}`,
      `${paint.param('obs_point_id=')}${action.observationPoint}`,
    ]
    if (action.samplingPort !== undefined)
      parts.push(`${paint.param('sampling_port=')}${formatPort(action.samplingPort, ports)}`)
    if (action.direction !== 'default') parts.push(paint.param(action.direction))
    return `${paint.paren('sample(')}${parts.join(',')}${paint.paren(')')}`
  },
  forms: [
    extension('NXAST_SAMPLE', 29, 24, (bytes, { warn }) => decode(bytes, 1, warn)),
    extension('NXAST_SAMPLE2', 38, 32, (bytes, { warn }) => decode(bytes, 2, warn)),
    extension('NXAST_SAMPLE3', 41, 32, (bytes, { warn }) => decode(bytes, 3, warn)),
  ],
  encode(action, out) {
    const form = Math.max(action.form, formOf(action)) as Sample['form']
    const end = begin(out, numbers[form], nicira)
    out.u16(action.probability)
    out.u32(action.collectorSet)
    out.u32(action.observationDomain)
    out.u32(action.observationPoint)
    if (form > 1) out.u16(action.samplingPort ?? noPort)
    if (form > 2) out.u8(directions.indexOf(action.direction))
    if (form > 1) out.zeros(form === 2 ? 6 : 5)
    end()
  },
}
