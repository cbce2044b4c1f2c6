import { type Code, type Field, type FieldName, field, fieldNames } from './fields.ts'

/** Families of fields that differ in a number only; the page has one row for each. */
const families = ['tun_metadata', 'reg', 'xreg', 'xxreg']

const familyOf = (name: string): string | undefined =>
  families.find(family => name.startsWith(family) && /^\d+$/.test(name.slice(family.length)))

const codeText = ({ name, class: oxmClass, number, ovs, openflow }: Code): string =>
  `\`${name}\` (0x${oxmClass.toString(16).padStart(4, '0')}:${number}), ${openflow === undefined ? '' : `OpenFlow ${openflow}, `}Open vSwitch ${ovs}`

const fixedText = ({ of10, of11 }: Field): string =>
  [of10 && `1.0 ${of10}`, of11 && `1.1 ${of11}`].filter(text => text !== undefined).join(', ')

const width = ({ bits, wireBits }: Field): string => {
  if (bits === 992) return 'up to 992'
  return wireBits === undefined || wireBits === bits ? `${bits}` : `${bits} of ${wireBits}`
}

const row = (name: FieldName, label: string): string => {
  const it = field(name)
  const names = [label, ...(it.aka === undefined ? [] : [it.aka])].map(text => `\`${text}\``).join(', ')
  const access = [it.maskable ? 'mask' : 'exact', it.writable ? 'write' : 'read'].join(', ')
  const codes = (it.codes ?? []).map(codeText).join('<br>') || 'none'
  return `| ${names} | ${width(it)} | ${it.format} | ${access} | ${it.needs ?? 'none'} | ${codes} | ${fixedText(it) || 'none'} |`
}

/** The reference page of all match fields, in Markdown. */
export const fieldReference = (): string => {
  const seen = new Set<string>()
  const rows = fieldNames.flatMap(name => {
    const family = familyOf(name)
    if (family === undefined) return [row(name, name)]
    if (seen.has(family)) return []
    seen.add(family)
    const last = fieldNames.filter(other => familyOf(other) === family).length - 1
    return [row(name, `${family}0\` to \`${family}${last}`)]
  })
  return [
    '# Match fields',
    '',
    'Every field that a match can look at, as the field table (`src/flow/field-table.ts`) has it; `npm run docs` writes this page.',
    'Names, widths and codes are those of ovs-fields(7) in Open vSwitch 3.1. *Width* is in bits, those that count of those on the wire.',
    '*Needs* is what the match must say already. *Fixed match* tells how OpenFlow 1.0 and 1.1 can match the field without extensions.',
    'Of numbered fields the codes are those of the first; the others follow.',
    '',
    '| Field | Width | Format | Access | Needs | Codes | Fixed match |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}
