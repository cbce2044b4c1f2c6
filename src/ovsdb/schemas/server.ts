/** `_Server`: what a server says about the databases it has, as ovsdb-server(5) describes it. */
import { type BaseType, one, optional } from '../column.ts'
import type { DatabaseSchema } from '../schema.ts'

const text: BaseType = { type: 'string' }
const uuid: BaseType = { type: 'uuid' }
const boolean: BaseType = { type: 'boolean' }

export const serverSchema: DatabaseSchema = {
  name: '_Server',
  version: '1.2.0',
  cksum: '3009684573 744',
  tables: {
    Database: {
      columns: {
        cid: optional(uuid),
        connected: one(boolean),
        index: optional({ type: 'integer' }),
        leader: one(boolean),
        model: one({ type: 'string', oneOf: ['clustered', 'relay', 'standalone'] }),
        name: one(text),
        schema: optional(text),
        sid: optional(uuid),
      },
    },
  },
}
