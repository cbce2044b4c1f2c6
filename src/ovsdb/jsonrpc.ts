/** The messages of JSON-RPC 1.0, as RFC 7047 §4 uses them: values to messages, and messages as they are sent. */
import { isObject, type Json, type JsonObject } from './json.ts'
import { printJson } from './json-text.ts'

/** A notification is a request without an answer: its `id` is null. */
export type Message =
  | { kind: 'request'; id: Json; method: string; params: Json[] }
  | { kind: 'notification'; method: string; params: Json[] }
  | { kind: 'reply'; id: Json; result: Json }
  | { kind: 'error'; id: Json; error: Json }

const members = new Set(['method', 'params', 'id', 'result', 'error'])

/** The message, or as text why it is none; then the connection is not worth keeping. */
export const messageFromJson = (json: Json): Message | string => {
  if (!isObject(json)) return 'message is not a JSON object'
  const { method, params, id = null } = json
  if (method !== undefined && typeof method !== 'string') return 'method is not a JSON string'
  const stranger = Object.keys(json).find(name => !members.has(name))
  if (stranger !== undefined) return `message has unexpected member "${stranger}"`
  const result = json.result ?? undefined
  const error = json.error ?? undefined
  if (method !== undefined) {
    const kind = id === null ? 'notification' : 'request'
    if (params === undefined) return `${kind} must have "params"`
    if (!Array.isArray(params)) return '"params" must be JSON array'
    if (result !== undefined) return `${kind} must not have "result"`
    if (error !== undefined) return `${kind} must not have "error"`
    return id === null ? { kind: 'notification', method, params } : { kind: 'request', id, method, params }
  }
  if (json.result === undefined && error === undefined) {
    return `${id === null ? 'notification' : 'request'} must have "method"`
  }
  const kind = error === undefined ? 'reply' : 'error'
  if (params !== undefined) return `${kind} must not have "params"`
  if (id === null) return `${kind} must have "id"`
  if (error === undefined) return { kind: 'reply', id, result: result ?? null }
  return result === undefined ? { kind: 'error', id, error } : 'error must not have "result"'
}

export const requestText = (id: Json, method: string, params: Json[]): string => printJson({ id, method, params })
export const notificationText = (method: string, params: Json[]): string => requestText(null, method, params)
export const replyText = (id: Json, result: Json): string => printedReplyText(id, printJson(result))
/** For a result that is printed already. */
export const printedReplyText = (id: Json, result: string): string =>
  `{"id":${printJson(id)},"result":${result},"error":null}`
export const errorText = (id: Json, error: JsonObject | string): string => printJson({ id, error })
