/** Command lines for ovsdb-client, the real one and ours, at a server with the databases `Open_vSwitch` and `Order`. */

const select = '{"op":"select","table":"Bridge","where":[],"columns":["name","external_ids"]}'

/** They end by themselves. `DIR` stands for the run directory. */
export const endingLines: readonly string[] = [
  'list-dbs',
  'get-schema',
  'get-schema --pretty _Server',
  'get-schema-version',
  'get-schema-version Order',
  'get-schema-cksum',
  'get-schema-cksum Order',
  'list-tables',
  '--no-headings -f csv list-tables Order',
  'list-columns',
  'list-columns Bridge',
  'list-columns Open_vSwitch nothing',
  ...['json', 'csv', 'html', 'list'].map(format => `-f ${format} list-columns Order T`),
  '--bare list-columns Order T',
  '--pretty -f json list-columns Order T',
  '--max-column-width=3 list-columns Order T',
  'dump',
  ...['json', 'csv', 'html', 'list'].map(format => `-f ${format} dump`),
  '--bare dump',
  '-d json dump Order',
  '-d bare dump Order',
  '--max-column-width=5 dump Order T',
  '--pretty -f json dump Bridge',
  'dump Bridge name ports',
  'dump Bridge _uuid',
  'dump Bridge name nothing',
  'dump nothing',
  'dump Bridge name ports name',
  'dump Bridge _version',
  '-f html dump Bridge _version',
  'dump Order T',
  `transact '["Open_vSwitch",${select}]'`,
  `--pretty transact '["Open_vSwitch",${select}]'`,
  `query '["Open_vSwitch",${select},{"op":"delete","table":"Open_vSwitch","where":[]}]'`,
  `query '["Open_vSwitch",{"op":"nothing"}]'`,
  `transact '["nothing"]'`,
  "transact '{}'",
  "transact '[5]'",
  'transact x',
  "transact ''",
  "transact '[5'",
  'transact a b c',
  'monitor',
  'monitor nothing',
  'monitor Bridge nothing',
  'monitor Bridge name name',
  "monitor Bridge '' ''",
  'monitor ALL name',
  'monitor-cond Bridge',
  'monitor-cond x Bridge',
  `monitor-cond '[["nothing","==",1]]' Bridge`,
  `monitor-cond '[["ports","<",5]]' Bridge`,
  `monitor-cond '[["name","==",5]]' Bridge`,
  "monitor-cond '[]' ALL",
  "monitor-cond '[]' Bridge name ports",
  'monitor-cond-since',
  "monitor-cond-since x '[]' Bridge name",
  'wait Open_vSwitch added',
  'wait Open_vSwitch connected',
  'wait nothing removed',
  'wait Open_vSwitch nowhere',
  'wait x',
  'lock a b',
  'needs-conversion DIR/order.ovsschema',
  'needs-conversion DIR/newer.ovsschema',
  'needs-conversion /nonexistent',
  'needs-conversion DIR/conf.db',
  'needs-conversion unix:DIR/nothing DIR/order.ovsschema',
  'convert',
  'restore Order x',
  'backup nothing',
  'list-dbs a',
  'list-dbs foo:bar',
  'list-dbs unix:DIR/nothing b',
  'get-schema 9unix:x',
  'list-dbs tcp:127.0.0.1:1',
  'list-dbs tcp:127.0.0.1:nothing',
  'list-dbs tcp:127.0.0.1:1,unix:DIR/db.sock',
  'get-schema-version tcp:127.0.0.1:1,unix:DIR/db.sock Open_vSwitch',
  'get-schema-version unix:DIR/nothing,unix:DIR/db.sock,unix:DIR/db.sock nothing',
  'get-schema-version unix:DIR/db.sock,unix:DIR/db.sock',
  `transact unix:DIR/db.sock,unix:DIR/db.sock '["Order"]'`,
  'needs-conversion unix:DIR/nothing,unix:DIR/db.sock DIR/order.ovsschema',
  'list-dbs ssl:127.0.0.1:1',
  '-p /nonexistent list-dbs',
  '-C none list-dbs',
  '-V',
  '--version nothing',
  'help',
  '--time list-dbs',
  '--p list-dbs',
  '--no list-dbs',
  '--unixctl=x list-dbs',
  '-vnothing list-dbs',
  '-t0 list-dbs',
  '-t',
  '-f nothing dump',
  'list-dbs -- x',
  '--detach --pidfile list-dbs',
  '',
  'echo',
]

/** They stay until they are told to end: what they say of what there is, and of what happens then. */
export const stayingLines: readonly string[] = [
  'monitor Bridge name,external_ids',
  "monitor Bridge name,'!insert' external_ids,'!modify'",
  '-f json monitor Bridge name,external_ids',
  '-f list monitor Bridge',
  '-f csv --timestamp monitor Bridge name',
  '-f html --timestamp monitor ALL',
  '--no-headings -d json monitor Port name,tag,_version,_uuid',
  '--bare monitor Interface name',
  'monitor ALL',
  '--no-db-change-aware monitor _Server Database name',
  "monitor-cond '[]' Bridge",
  `monitor-cond '[["name","!=","br0"]]' Bridge name,external_ids`,
  "monitor-cond-since '[]' Bridge name,external_ids",
  "-f json monitor-cond-since '[]' Port name",
  `--timestamp monitor-cond-since Open_vSwitch 5f5f5f5f-1111-2222-3333-444444444444 '[true]' Bridge name,'!delete'`,
  'monitor unix:DIR/nothing,unix:DIR/db.sock Open_vSwitch Open_vSwitch bridges',
]

/** What happens meanwhile. */
export const changes: readonly string[] = [
  'add-br br7 -- set bridge br7 external_ids:a=b external_ids:c=d -- add-port br7 p7 tag=7',
  'set bridge br0 external_ids:x=y -- set port p1 tag=9 trunks=1,2',
  'del-br br7 -- clear bridge br0 external_ids',
]

const map = '{"type":{"key":"string","value":"string","min":0,"max":"unlimited"}}'
const references = '{"type":{"key":{"type":"uuid","refTable":"R"},"min":0,"max":"unlimited"}}'

/** A schema with a value of every kind, and indexes by which rows may not be told apart. */
export const orderSchema = (version: string): string =>
  `{"name":"Order","version":"${version}","tables":{"R":{"isRoot":true,"columns":{"x":{"type":"string"}}},` +
  `"T":{"isRoot":true,"columns":{"Z":{"type":"integer"},"a":{"type":"real"},"b":${references},"c":${map},"d":{"type":"boolean"},` +
  '"e":{"type":{"key":"string","min":0}},"f":{"type":"uuid"},"g":{"type":{"key":"integer","min":0,"max":5}},' +
  '"h":{"type":"string","ephemeral":true}}}}}'

/** Rows of `Order`, one with a reference. */
export const orderRows =
  '["Order",{"op":"insert","table":"R","row":{"x":"one"},"uuid-name":"r"},' +
  '{"op":"insert","table":"T","row":{"Z":1,"a":0.5,"b":["named-uuid","r"],"c":["map",[["k","v w"],["a","\\"q\\""]]],"e":"é \\n"}},' +
  '{"op":"insert","table":"T","row":{"Z":-5,"g":["set",[3,1,2]],"h":"gone"}},' +
  '{"op":"insert","table":"T","row":{"Z":1,"a":0.5,"d":true}},' +
  '{"op":"insert","table":"T","row":{"Z":1,"a":0.5,"f":["uuid","11111111-2222-3333-4444-555555555555"],"e":""}}]'
