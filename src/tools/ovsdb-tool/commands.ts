/** The commands of ovsdb-tool(1). Each gives what it prints, or a fault or text that it ends with. */
import {
  type Checked,
  convertDatabase,
  createLog,
  type Database,
  type DatabaseLog,
  type DatabaseSchema,
  execute,
  Fault,
  type Json,
  openLog,
  openVSwitch,
  parseJson,
  printJson,
  Records,
  schemaFromJson,
  syntaxFault,
} from '../../ovsdb/index.ts'
import { fromUtf8 } from '../../runtime/index.ts'
import type { DatabaseHost, OpenFile } from '../ovsdb-server/host.ts'
import type { Connect } from '../program.ts'
import { logLines } from './show-log.ts'

export type ToolCall = { args: readonly string[]; verbosity: number; connect: Connect; host: DatabaseHost }
/** `status` is 0 unless said otherwise; `error` is said after what was printed. */
export type Told = { text?: string; status?: number; error?: string }
export type ToolCommand = { usage: string; min: number; max: number; run(call: ToolCall): Told }

export const usualDatabase = ({ databaseDirectory }: DatabaseHost): string => `${databaseDirectory}/conf.db`
export const usualSchema = ({ schemaDirectory }: DatabaseHost): string => `${schemaDirectory}/vswitch.ovsschema`

const failed = (error: Fault | string): Told => ({ error: String(error), status: 1 })

/** A schema in a file. Without a file of Open vSwitch's its schema is known all the same. */
const readSchema = ({ connect, host }: ToolCall, path = usualSchema(host)): Checked<DatabaseSchema> | string => {
  if (path === usualSchema(host) && !connect.exists(path)) return openVSwitch
  const bytes = connect.readFile(path)
  const unread = (why: string): string => `failed to read schema: "${path}" could not be read as JSON (${why})`
  if (typeof bytes === 'string') return unread(`error opening "${path}": ${bytes}`)
  const json = parseJson(fromUtf8(bytes))
  if (!json.ok) return unread(json.error)
  const schema = schemaFromJson(json.value)
  if (!(schema instanceof Fault)) return schema
  return new Fault(schema.error, `failed to parse "${path}" as ovsdb schema: ${schema.details}`, schema.syntax)
}

type Opened = { file: OpenFile; database: Database; log: DatabaseLog }

/** Opens a database to the end; one that is not whole is not touched. */
const open = ({ connect, host }: ToolCall, path: string, locks: boolean): Opened | string => {
  const file = host.openFile(path, { create: false, locks })
  if (typeof file === 'string') return `I/O error: ${file}`
  let torn: string | undefined
  const note = (_module: string, _level: string, text: string): void => {
    torn ??= text
  }
  const opened = openLog(file, { sha1: host.sha1, date: connect.wallTime, log: note }, host.random)
  const wrong = opened instanceof Fault ? opened.toString() : torn
  if (wrong === undefined && !(opened instanceof Fault)) return { file, ...opened }
  file.close()
  return wrong ?? ''
}

const using = (call: ToolCall, path: string, locks: boolean, use: (opened: Opened) => Told): Told => {
  const opened = open(call, path, locks)
  if (typeof opened === 'string') return failed(opened)
  try {
    return use(opened)
  } finally {
    opened.file.close()
  }
}

const create = (call: ToolCall): Told => {
  const { args, host, connect } = call
  const schema = readSchema(call, args[1])
  if (typeof schema === 'string' || schema instanceof Fault) return failed(schema)
  const file = host.openFile(args[0] ?? usualDatabase(host), { create: true, locks: true })
  if (typeof file === 'string') return failed(`I/O error: ${file}`)
  const fault = createLog(file, schema, { sha1: host.sha1, date: connect.wallTime, log: () => undefined })
  file.close()
  return fault === undefined ? {} : failed(fault)
}

/** Writes a database anew, in the place of its own file or into another. */
const rewrite = (call: ToolCall, source: Opened, database: Database, to: string | undefined, comment: string): Told => {
  const { host, connect } = call
  if (to === undefined) {
    const fault = source.log.rewrite(database, comment)
    return fault === undefined ? {} : failed(fault)
  }
  const there = connect.exists(to)
  const file = host.openFile(to, { create: !there, locks: true })
  if (typeof file === 'string') return failed(`I/O error: ${file}`)
  const world = { sha1: host.sha1, date: connect.wallTime, log: () => undefined }
  const fault = createLog(file, database.schema, world)
  const opened = fault ?? openLog(file, world, host.random)
  const wrong = opened instanceof Fault ? opened : opened.log.rewrite(database, comment)
  file.close()
  return wrong === undefined ? {} : failed(wrong)
}

const compact = (call: ToolCall): Told =>
  using(call, call.args[0] ?? usualDatabase(call.host), true, opened =>
    rewrite(call, opened, opened.database, call.args[1], 'compacted by ovsdb-tool 3.1.0'),
  )

const convert = (call: ToolCall): Told => {
  const schema = readSchema(call, call.args[1])
  if (typeof schema === 'string' || schema instanceof Fault) return failed(schema)
  return using(call, call.args[0] ?? usualDatabase(call.host), true, opened => {
    const converted = convertDatabase(opened.database, schema, call.host.random)
    return converted instanceof Fault
      ? failed(converted)
      : rewrite(call, opened, converted, call.args[2], 'converted by ovsdb-tool 3.1.0')
  })
}

/** The schema in a database's file, which is its first record. */
const schemaOf = ({ host }: ToolCall, path: string): Checked<DatabaseSchema> | string => {
  const file = host.openFile(path, { create: false, locks: false })
  if (typeof file === 'string') return `I/O error: ${file}`
  try {
    const records = new Records(file, host.sha1)
    const first = records.checkBeginning() ?? records.next()
    if (first === undefined) return `ovsdb error: ${path}: cannot identify file type`
    return first instanceof Fault ? first : schemaFromJson(first)
  } finally {
    file.close()
  }
}

const line = (text: string | undefined): Told => ({ text: `${text ?? ''}\n` })

const ofDatabase =
  (tell: (schema: DatabaseSchema) => string | undefined) =>
  (call: ToolCall): Told => {
    const schema = schemaOf(call, call.args[0] ?? usualDatabase(call.host))
    return typeof schema === 'string' || schema instanceof Fault ? failed(schema) : line(tell(schema))
  }

const ofSchema =
  (tell: (schema: DatabaseSchema) => string | undefined) =>
  (call: ToolCall): Told => {
    const schema = readSchema(call, call.args[0])
    return typeof schema === 'string' || schema instanceof Fault ? failed(schema) : line(tell(schema))
  }

const needsConversion = (call: ToolCall): Told => {
  const present = schemaOf(call, call.args[0] ?? usualDatabase(call.host))
  if (typeof present === 'string' || present instanceof Fault) return failed(present)
  const wanted = readSchema(call, call.args[1])
  if (typeof wanted === 'string' || wanted instanceof Fault) return failed(wanted)
  const text = (schema: DatabaseSchema): string => JSON.stringify(schema)
  return line(text(present) === text(wanted) ? 'no' : 'yes')
}

/** Whether a file is of this kind, as the status says; a file that is none at all is an error. */
const isOfKind =
  (clustered: boolean) =>
  (call: ToolCall): Told => {
    const [path = ''] = call.args
    const schema = schemaOf(call, path)
    const isClustered = schema instanceof Fault && schema.details.endsWith('clustered database file')
    if (!isClustered && (typeof schema === 'string' || schema instanceof Fault)) return failed(schema)
    return { status: isClustered === clustered ? 0 : 2 }
  }

/** `query` changes nothing in the file, whatever the transaction does. */
const transact =
  (keeps: boolean) =>
  (call: ToolCall): Told => {
    const { args, host } = call
    const path = args.length === 2 ? (args[0] as string) : usualDatabase(host)
    const request = args.at(-1) as string
    const json = parseJson(request)
    if (!json.ok) return failed(`"${request}": ${json.error}`)
    return using(call, path, keeps, ({ database, log }) => {
      const outcome = perform(database, json.value, keeps ? log : undefined)
      return { text: `${printJson(outcome, true)}\n` }
    })
  }

const perform = (database: Database, request: Json, log: DatabaseLog | undefined): Json => {
  if (!Array.isArray(request)) return syntaxFault('array expected', request).toJson()
  const [name, ...operations] = request
  if (name !== database.schema.name) return syntaxFault('database name expected as first parameter', request).toJson()
  const outcome = execute(database, operations, { record: (commit, comment) => log?.write(commit, comment) })
  return outcome.done ? outcome.results : [new Fault('not supported', 'triggers not supported').toJson()]
}

const showLog = ({ args, host, verbosity }: ToolCall): Told => {
  const file = host.openFile(args[0] ?? usualDatabase(host), { create: false, locks: false })
  if (typeof file === 'string') return failed(`I/O error: ${file}`)
  try {
    const records = new Records(file, host.sha1)
    const wrong = records.checkBeginning()
    if (wrong !== undefined) return failed(wrong)
    let text = ''
    for (const told of logLines(records, verbosity)) {
      if (told instanceof Fault) return { text, ...failed(told) }
      text += told
    }
    return { text }
  } finally {
    file.close()
  }
}

const relations: Readonly<Record<string, (difference: number) => boolean>> = {
  '<': difference => difference < 0,
  '<=': difference => difference <= 0,
  '==': difference => difference === 0,
  '>=': difference => difference >= 0,
  '>': difference => difference > 0,
  '!=': difference => difference !== 0,
}

const compareVersions = ({ args }: ToolCall): Told => {
  const [a = '', operator = '', b = ''] = args
  const versions = [a, b].map(text => /^[0-9]+\.[0-9]+\.[0-9]+$/.exec(text)?.[0].split('.').map(Number))
  const wrong = versions.indexOf(undefined)
  if (wrong >= 0) return failed(`${[a, b][wrong]}: not an OVSDB version number in format x.y.z`)
  const relation = Object.hasOwn(relations, operator) ? relations[operator] : undefined
  if (relation === undefined) return failed(`${operator}: not a relational operator`)
  const [left = [], right = []] = versions as number[][]
  const differing = left.findIndex((part, i) => part !== right[i])
  const difference = differing < 0 ? 0 : (left[differing] as number) - (right[differing] as number)
  return { status: relation(difference) ? 0 : 2 }
}

const any = Number.POSITIVE_INFINITY

export const toolCommands: Readonly<Record<string, ToolCommand>> = {
  create: { usage: '[db [schema]]', min: 0, max: 2, run: create },
  compact: { usage: '[db [dst]]', min: 0, max: 2, run: compact },
  convert: { usage: '[db [schema [dst]]]', min: 0, max: 3, run: convert },
  'needs-conversion': { usage: '', min: 0, max: 2, run: needsConversion },
  'db-name': { usage: '[db]', min: 0, max: 1, run: ofDatabase(({ name }) => name) },
  'db-version': { usage: '[db]', min: 0, max: 1, run: ofDatabase(({ version }) => version) },
  'db-cksum': { usage: '[db]', min: 0, max: 1, run: ofDatabase(({ cksum }) => cksum) },
  'db-is-clustered': { usage: 'db', min: 1, max: 1, run: isOfKind(true) },
  'db-is-standalone': { usage: 'db', min: 1, max: 1, run: isOfKind(false) },
  'schema-name': { usage: '[schema]', min: 0, max: 1, run: ofSchema(({ name }) => name) },
  'schema-version': { usage: '[schema]', min: 0, max: 1, run: ofSchema(({ version }) => version) },
  'schema-cksum': { usage: '[schema]', min: 0, max: 1, run: ofSchema(({ cksum }) => cksum) },
  query: { usage: '[db] trns', min: 1, max: 2, run: transact(false) },
  transact: { usage: '[db] trns', min: 1, max: 2, run: transact(true) },
  'show-log': { usage: '[db]', min: 0, max: 1, run: showLog },
  'compare-versions': { usage: 'a op b', min: 3, max: 3, run: compareVersions },
  help: { usage: '', min: 0, max: any, run: () => ({}) },
  'list-commands': { usage: '', min: 0, max: any, run: () => ({ text: listing() }) },
}

const listing = (): string =>
  `The available commands are:\n${Object.entries(toolCommands)
    .map(([name, { usage }]) => `  ${name.padEnd(23)} ${usage}\n`)
    .join('')}`
