import type { Version } from './protocol.ts'

/** Bytes that follow a message's headers: at the least `size`, and beyond that only whole multiples of `multiple`. */
export type BodyLength = { size: number; multiple: number }

/** `[first version, size, multiple]`: it goes on until the next row of the form; 0 is of a size that is fixed. */
type Row = readonly [from: Version, size: number, multiple: number]

/** What Open vSwitch 3.1 takes, by the name of the form. */
const lengths: Readonly<Record<string, readonly Row[]>> = {
  'NXST_AGGREGATE reply': [[1, 24, 0]],
  'NXST_AGGREGATE request': [[1, 8, 8]],
  'NXST_FLOW reply': [[1, 0, 1]],
  'NXST_FLOW request': [[1, 8, 8]],
  'NXST_FLOW_MONITOR reply': [[1, 0, 8]],
  'NXST_FLOW_MONITOR request': [[1, 0, 8]],
  'NXST_GROUP reply': [[1, 0, 8]],
  'NXST_GROUP request': [[1, 8, 0]],
  'NXST_GROUP_DESC reply': [[1, 0, 8]],
  'NXST_GROUP_DESC request': [[1, 8, 0]],
  'NXST_GROUP_FEATURES reply': [[1, 40, 0]],
  'NXST_GROUP_FEATURES request': [[1, 0, 0]],
  'NXST_IPFIX_BRIDGE reply': [[1, 88, 0]],
  'NXST_IPFIX_BRIDGE request': [[1, 0, 0]],
  'NXST_IPFIX_FLOW reply': [[1, 0, 88]],
  'NXST_IPFIX_FLOW request': [[1, 0, 0]],
  NXT_CT_FLUSH: [[1, 8, 8]],
  NXT_CT_FLUSH_ZONE: [[1, 8, 0]],
  NXT_FLOW_AGE: [[1, 0, 0]],
  NXT_FLOW_MOD: [[1, 32, 8]],
  NXT_FLOW_MOD_TABLE_ID: [[1, 8, 0]],
  NXT_FLOW_MONITOR_CANCEL: [[1, 4, 0]],
  NXT_FLOW_MONITOR_PAUSED: [[1, 0, 0]],
  NXT_FLOW_MONITOR_RESUMED: [[1, 0, 0]],
  NXT_FLOW_REMOVED: [[1, 40, 8]],
  NXT_GROUP_MOD: [[1, 16, 8]],
  NXT_PACKET_IN: [[1, 24, 1]],
  NXT_PACKET_IN2: [[1, 0, 8]],
  NXT_REQUESTFORWARD: [[1, 8, 8]],
  NXT_RESUME: [[1, 0, 8]],
  NXT_ROLE_REPLY: [[1, 4, 0]],
  NXT_ROLE_REQUEST: [[1, 4, 0]],
  NXT_SET_ASYNC_CONFIG: [[1, 24, 0]],
  NXT_SET_ASYNC_CONFIG2: [[1, 0, 8]],
  NXT_SET_CONTROLLER_ID: [[1, 8, 0]],
  NXT_SET_FLOW_FORMAT: [[1, 4, 0]],
  NXT_SET_PACKET_IN_FORMAT: [[1, 4, 0]],
  NXT_TLV_TABLE_MOD: [[1, 8, 8]],
  NXT_TLV_TABLE_REPLY: [[1, 16, 8]],
  NXT_TLV_TABLE_REQUEST: [[1, 0, 0]],
  'OFPST_AGGREGATE reply': [
    [1, 24, 0],
    [6, 0, 1],
  ],
  'OFPST_AGGREGATE request': [
    [1, 44, 0],
    [2, 32, 8],
  ],
  'OFPST_DESC reply': [[1, 1056, 0]],
  'OFPST_DESC request': [[1, 0, 0]],
  'OFPST_FLOW reply': [[1, 0, 1]],
  'OFPST_FLOW request': [
    [1, 44, 0],
    [2, 32, 8],
  ],
  'OFPST_FLOW_MONITOR reply': [[5, 0, 8]],
  'OFPST_FLOW_MONITOR request': [[5, 0, 8]],
  'OFPST_GROUP reply': [[2, 0, 8]],
  'OFPST_GROUP request': [[2, 8, 0]],
  'OFPST_GROUP_DESC reply': [[2, 0, 8]],
  'OFPST_GROUP_DESC request': [
    [2, 0, 0],
    [6, 8, 0],
  ],
  'OFPST_GROUP_FEATURES reply': [[3, 40, 0]],
  'OFPST_GROUP_FEATURES request': [[3, 0, 0]],
  'OFPST_METER reply': [[4, 0, 8]],
  'OFPST_METER request': [[4, 8, 0]],
  'OFPST_METER_CONFIG reply': [[4, 0, 8]],
  'OFPST_METER_CONFIG request': [[4, 8, 0]],
  'OFPST_METER_FEATURES reply': [[4, 16, 0]],
  'OFPST_METER_FEATURES request': [[4, 0, 0]],
  'OFPST_PORT reply': [
    [1, 0, 104],
    [4, 0, 112],
    [5, 0, 8],
  ],
  'OFPST_PORT request': [[1, 8, 0]],
  'OFPST_PORT_DESC reply': [
    [1, 0, 48],
    [2, 0, 64],
    [5, 0, 8],
  ],
  'OFPST_PORT_DESC request': [
    [1, 0, 0],
    [6, 8, 0],
  ],
  'OFPST_QUEUE reply': [
    [1, 0, 32],
    [4, 0, 40],
    [5, 0, 8],
  ],
  'OFPST_QUEUE request': [[1, 8, 0]],
  'OFPST_QUEUE_DESC reply': [[5, 0, 8]],
  'OFPST_QUEUE_DESC request': [[5, 8, 0]],
  'OFPST_TABLE reply': [
    [1, 0, 64],
    [2, 0, 88],
    [3, 0, 128],
    [4, 0, 24],
  ],
  'OFPST_TABLE request': [[1, 0, 0]],
  'OFPST_TABLE_DESC reply': [[5, 8, 8]],
  'OFPST_TABLE_DESC request': [[5, 0, 0]],
  'OFPST_TABLE_FEATURES reply': [[4, 64, 8]],
  'OFPST_TABLE_FEATURES request': [[4, 0, 8]],
  OFPT_BARRIER_REPLY: [[1, 0, 0]],
  OFPT_BARRIER_REQUEST: [[1, 0, 0]],
  OFPT_BUNDLE_ADD_MESSAGE: [[5, 8, 1]],
  OFPT_BUNDLE_CONTROL: [[5, 8, 8]],
  OFPT_ECHO_REPLY: [[1, 0, 1]],
  OFPT_ECHO_REQUEST: [[1, 0, 1]],
  OFPT_ERROR: [[1, 4, 1]],
  OFPT_FEATURES_REPLY: [
    [1, 24, 48],
    [2, 24, 64],
    [4, 24, 0],
  ],
  OFPT_FEATURES_REQUEST: [[1, 0, 0]],
  OFPT_FLOW_MOD: [
    [1, 64, 8],
    [2, 40, 8],
  ],
  OFPT_FLOW_REMOVED: [
    [1, 80, 0],
    [2, 40, 8],
    [6, 16, 8],
  ],
  OFPT_GET_ASYNC_REPLY: [
    [4, 24, 0],
    [5, 0, 8],
  ],
  OFPT_GET_ASYNC_REQUEST: [[4, 0, 0]],
  OFPT_GET_CONFIG_REPLY: [[1, 4, 0]],
  OFPT_GET_CONFIG_REQUEST: [[1, 0, 0]],
  OFPT_GROUP_MOD: [
    [2, 8, 8],
    [6, 16, 8],
  ],
  OFPT_HELLO: [[1, 0, 1]],
  OFPT_METER_MOD: [[4, 8, 8]],
  OFPT_PACKET_IN: [
    [1, 10, 1],
    [2, 16, 1],
    [3, 8, 1],
    [4, 16, 1],
  ],
  OFPT_PACKET_OUT: [
    [1, 8, 1],
    [2, 16, 1],
    [6, 8, 1],
  ],
  OFPT_PORT_MOD: [
    [1, 24, 0],
    [2, 32, 0],
    [5, 24, 8],
  ],
  OFPT_PORT_STATUS: [
    [1, 56, 0],
    [2, 72, 0],
    [5, 48, 8],
  ],
  OFPT_QUEUE_GET_CONFIG_REPLY: [[1, 8, 8]],
  OFPT_QUEUE_GET_CONFIG_REQUEST: [
    [1, 4, 0],
    [2, 8, 0],
  ],
  OFPT_REQUESTFORWARD: [[5, 8, 8]],
  OFPT_ROLE_REPLY: [[3, 16, 0]],
  OFPT_ROLE_REQUEST: [[3, 16, 0]],
  OFPT_ROLE_STATUS: [[5, 16, 8]],
  OFPT_SET_ASYNC: [
    [4, 24, 0],
    [5, 0, 8],
  ],
  OFPT_SET_CONFIG: [[1, 4, 0]],
  OFPT_TABLE_MOD: [
    [2, 8, 0],
    [5, 8, 8],
  ],
  OFPT_TABLE_STATUS: [[5, 8, 8]],
  'ONFST_FLOW_MONITOR reply': [[4, 0, 8]],
  'ONFST_FLOW_MONITOR request': [[4, 0, 8]],
  ONFT_BUNDLE_ADD_MESSAGE: [[4, 8, 1]],
  ONFT_BUNDLE_CONTROL: [[4, 8, 8]],
  ONFT_FLOW_MONITOR_CANCEL: [[4, 4, 0]],
  ONFT_FLOW_MONITOR_PAUSED: [[4, 0, 0]],
  ONFT_FLOW_MONITOR_RESUMED: [[4, 0, 0]],
  ONFT_REQUESTFORWARD: [[4, 8, 8]],
  ONFT_ROLE_STATUS: [[4, 16, 8]],
}

/** How long the body of a form may be in a version; undefined for a form that is not listed. */
export const bodyLength = (form: string, version: Version): BodyLength | undefined => {
  const row = lengths[form]?.findLast(([from]) => from <= version)
  return row === undefined ? undefined : { size: row[1], multiple: row[2] }
}

/** Whether a body is as long as it may be. */
export const lengthFits = ({ size, multiple }: BodyLength, length: number): boolean =>
  length >= size && (multiple === 0 ? length === size : (length - size) % multiple === 0)

/** What is wrong with a whole message's length, in Open vSwitch's words. */
export const lengthComplaint = (form: string, { size, multiple }: BodyLength, head: number, length: number): string => {
  const least = head + size
  const wanted =
    multiple === 0
      ? `expected length ${least}`
      : multiple === 1
        ? `expected length at least ${least} bytes`
        : `must be exactly ${least} bytes or longer by an integer multiple of ${multiple} bytes`
  return `received ${form} with incorrect length ${length} (${wanted})`
}
