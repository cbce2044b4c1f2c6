import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Json, parseJson } from '../../src/ovsdb/json.ts'
import { printJson } from '../../src/ovsdb/json-text.ts'
import { schemaFromJson, schemaToJson } from '../../src/ovsdb/schema.ts'
import { hardwareVtep } from '../../src/ovsdb/schemas/hardware-vtep.ts'
import { openVSwitch } from '../../src/ovsdb/schemas/open-vswitch.ts'
import { hasOvs } from './ovs.testing.ts'

const jsonOf = (file: string): Json => {
  const read = parseJson(readFileSync(file, 'utf8'))
  if (!read.ok) throw new Error(read.error)
  return read.value
}

/** The schema files of Debian's packages. That of the VTEP comes with a daemon, so its package is unpacked, not installed. */
describe.skipIf(!hasOvs())('schemas beside those of Open vSwitch', () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'weft-schemas-'))
    execFileSync('apt-get', ['download', 'openvswitch-vtep'], { cwd: directory, stdio: 'ignore' })
    const archive = readdirSync(directory).find(name => name.endsWith('.deb')) as string
    execFileSync('dpkg-deb', ['-x', archive, '.'], { cwd: directory })
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  test.each([
    ['Open_vSwitch', openVSwitch, () => '/usr/share/openvswitch/vswitch.ovsschema'],
    ['hardware_vtep', hardwareVtep, () => join(directory, 'usr/share/openvswitch/vtep.ovsschema')],
  ])('%s means the same, and ovsdb-tool makes a database of ours', (name, schema, file) => {
    expect(schemaFromJson(schemaToJson(schema))).toEqual(schemaFromJson(jsonOf(file())))
    const ours = join(directory, `${name}.ovsschema`)
    writeFileSync(ours, printJson(schemaToJson(schema)))
    execFileSync('ovsdb-tool', ['create', join(directory, `${name}.db`), ours])
    const version = execFileSync('ovsdb-tool', ['db-version', join(directory, `${name}.db`)], { encoding: 'utf8' })
    expect(version.trim()).toBe(schema.version)
  })
})
