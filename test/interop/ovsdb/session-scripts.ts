/** What clients say to a server, one after the other: `[client, message]`. `T` has the tables A and B of `scriptSchema`. */
import { map, one, optional, set } from '../../../src/ovsdb/column.ts'
import type { DatabaseSchema } from '../../../src/ovsdb/schema.ts'

export const scriptSchema: DatabaseSchema = {
  name: 'T',
  version: '1.0.0',
  tables: {
    A: {
      root: true,
      columns: {
        s: one({ type: 'string' }),
        i: one({ type: 'integer' }),
        set: set({ type: 'string' }),
        m: map({ type: 'string' }, { type: 'integer' }),
        o: optional({ type: 'integer' }),
      },
    },
    B: { root: true, columns: { n: one({ type: 'string' }) } },
  },
}

export type Script = readonly (readonly [client: string, message: string])[]

const transact = (...operations: string[]): string =>
  `{"id":0,"method":"transact","params":["T",${operations.join(',')}]}`
const request = (method: string, params: string): string => `{"id":1,"method":"${method}","params":${params}}`
const insert = (row: string): string => `{"op":"insert","table":"A","row":${row}}`
const wait = (until: string, more = ''): string =>
  `{"op":"wait","table":"A","where":[],"columns":["s"],"until":"${until}","rows":[{"s":"z"}]${more}}`

export const scripts: Readonly<Record<string, Script>> = {
  methods: [
    ...[
      ['transact', '[]'],
      ['transact', '["U"]'],
      ['transact', '[5]'],
      ['transact', '["T"]'],
      ['nix', '[]'],
      ['list_dbs', '[1]'],
      ['get_schema', '[]'],
      ['get_schema', '["T"]'],
      ['get_schema', '["_Server"]'],
      ['set_db_change_aware', '[]'],
      ['set_db_change_aware', '[true]'],
      ['echo', '[1,{"b":2}]'],
      ['convert', '["T"]'],
      ['convert', '["T",{}]'],
      ['convert', '["T",{"name":"U","tables":{}}]'],
      ['monitor', '["T",null,5]'],
      ['monitor', '["T",null,{"Z":{}}]'],
      ['monitor', '["T",null,{"A":5}]'],
      ['monitor', '["T",null,{"A":[{"columns":["s"]},{"columns":["s"]}]}]'],
      ['monitor', '["T",null,{"A":[{"columns":["s"],"select":{"foo":1}}]}]'],
      ['monitor', '["T",null,{"A":[{"columns":["s"],"where":[true]}]}]'],
      ['monitor_cond', '["T",null,{"A":[{"columns":["s"],"where":[5]}]}]'],
      ['monitor_cond_since', '["T",null,{"A":[{"columns":["s"]}]}]'],
      ['monitor_cond_since', '["T",null,{"A":[{"columns":["s"]}]},"x"]'],
      ['monitor_cancel', '[null]'],
      ['monitor_cancel', '[]'],
      ['monitor_cond_change', '[1,2,{}]'],
      ['monitor_cond_change', '[]'],
      ['transact', '["_Server",{"op":"insert","table":"Database","row":{"model":"relay"}}]'],
      ['transact', '["_Server",{"op":"commit","durable":true}]'],
      ['transact', '["_Server",{"op":"select","table":"Database","where":[],"columns":["name","model","leader"]}]'],
    ].map(([method, params]) => ['a', request(method as string, params as string)] as const),
  ],
  broken: [
    ...['{"id":0,"result":5}', '{"id":0,"foo":5}', '[]', '{"id":0,"method":5,"params":[]}', '{"a":}', '{"a":1e400}'],
    '{"id":0,"method":"echo"}',
    '{"id":0,"method":"echo","params":{}}',
    '{"id":0,"method":"echo","params":[],"x":1}',
  ].map((message, i) => [`${i}`, message] as const),
  locks: [
    ['a', request('lock', '[]')],
    ['a', request('lock', '["a b"]')],
    ['a', request('lock', '["L"]')],
    ['a', request('lock', '["L"]')],
    ['b', request('lock', '["L"]')],
    ['c', request('steal', '["L"]')],
    ['a', transact('{"op":"assert","lock":"L"}')],
    ['c', request('unlock', '["L"]')],
    ['a', transact('{"op":"assert","lock":"L"}')],
    ['a', request('unlock', '["L"]')],
    ['b', transact('{"op":"assert","lock":"L"}')],
    ['b', request('unlock', '["L"]')],
    ['b', request('unlock', '["L"]')],
  ],
  waits: [
    ['a', transact(insert('{"s":"y"}'))],
    [
      'd',
      `{"id":"w","method":"transact","params":["T",${wait('==')},{"op":"insert","table":"B","row":{"n":"waited"}}]}`,
    ],
    ['a', transact('{"op":"update","table":"A","where":[],"row":{"s":"z"}}')],
    ['a', transact('{"op":"select","table":"B","where":[],"columns":["n"]}')],
    ['d', `{"id":"w","method":"transact","params":["T",${wait('!=')}]}{"id":null,"method":"cancel","params":["w"]}`],
    ['d', `{"id":"w","method":"transact","params":["T",${wait('!=')}]}`],
    ['d', `{"id":"w","method":"transact","params":["T",{"op":"comment","comment":"x"}]}`],
    ['d', `{"id":"t","method":"transact","params":["T",${wait('!=', ',"timeout":20')}]}`],
    ['d', `{"id":"q","method":"transact","params":["T",${wait('!=', ',"timeout":0')}]}`],
  ],
  monitor: [
    ['a', request('monitor', '["T","mon",{"A":{"columns":["s","set","m","o"]}}]')],
    ['a', request('monitor', '["T","mon",{}]')],
    ['b', transact(insert('{"s":"x","i":1,"set":["set",["a","b"]],"m":["map",[["k",1],["l",2]]]}'), insert('{"i":2}'))],
    [
      'b',
      transact(
        '{"op":"mutate","table":"A","where":[["i","==",1]],"mutations":[["set","insert","c"],["m","delete","k"]]}',
      ),
    ],
    ['b', transact('{"op":"update","table":"A","where":[],"row":{"i":3}}')],
    [
      'a',
      request(
        'monitor',
        '["T",["mon",1],{"A":[{"columns":["s"],"select":{"initial":false}},{"columns":["i"],"select":{"insert":false,"modify":false}}]}]',
      ),
    ],
    ['b', transact(insert('{"s":"y","i":9}'))],
    ['b', transact('{"op":"update","table":"A","where":[["s","==","y"]],"row":{"i":8}}')],
    ['a', request('monitor', '["T","all",{"A":{},"B":{}}]')],
    ['b', transact('{"op":"delete","table":"A","where":[]}')],
    ['a', request('monitor_cancel', '["mon"]')],
    ['b', transact(insert('{}'))],
  ],
  conditions: [
    ['a', request('monitor_cond', '["T","m",{"A":[{"columns":["s","set","m","o"],"where":[["i","==",1]]}]}]')],
    ['b', transact(insert('{"s":"x","i":1,"set":["set",["a","b"]],"m":["map",[["k",1],["l",2]]]}'), insert('{"i":2}'))],
    [
      'b',
      transact(
        '{"op":"mutate","table":"A","where":[["i","==",1]],"mutations":[["set","insert","c"],["set","delete","a"],["m","delete","k"],["m","insert",["map",[["z",9]]]]]}',
      ),
    ],
    ['b', transact('{"op":"update","table":"A","where":[["i","==",1]],"row":{"m":["map",[["l",5]]],"o":7}}')],
    ['b', transact('{"op":"update","table":"A","where":[["i","==",1]],"row":{"o":["set",[]],"i":3}}')],
    ['a', request('monitor_cond_change', '["m","m",{"A":[{"where":[["i","==",3]]}]}]')],
    ['a', request('monitor_cond_change', '["m","n",{"A":[{"where":[["i",">=",1]]}]}]')],
    ['a', request('monitor_cond_change', '["n","n",{"A":[{"where":[["i","==",2],["i","==",3]]}]}]')],
    ['a', request('monitor_cond_change', '["n","n",{"B":[{"where":[]}]}]')],
    ['a', request('monitor_cond_change', '["n","n",{"A":[{"where":[5]}]}]')],
    ['a', request('monitor_cond_change', '["n","n",{"A":5}]')],
    ['a', request('monitor_cond_change', '["n","n",{"A":[{"columns":["s"]}]}]')],
    ['a', request('monitor_cond_change', '["n","n",5]')],
    ['b', transact('{"op":"delete","table":"A","where":[]}')],
  ],
  convert: [
    ['a', request('set_db_change_aware', '[true]')],
    ['a', request('monitor', '["T","mm",{"A":{"columns":["s"]}}]')],
    ['a', transact(insert('{"s":"own","i":5}'))],
    ['b', request('list_dbs', '[]')],
    ['c', request('set_db_change_aware', '[true]')],
    ['c', `{"id":"w","method":"transact","params":["T",${wait('==')}]}`],
    ['a', request('convert', '["T",{"name":"T","tables":{"A":{"columns":{"s":{"type":"integer"}}}}}]')],
    [
      'a',
      request(
        'convert',
        '["T",{"name":"T","version":"2.0.0","tables":{"A":{"columns":{"s":{"type":"string"},"neu":{"type":"integer"}}}}}]',
      ),
    ],
    ['a', transact('{"op":"select","table":"A","where":[],"columns":["s","neu"]}')],
  ],
}
