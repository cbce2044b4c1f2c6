/** Requests of statistics that say no more than their name. */

import { nicira } from '../actions/codec.ts'
import { decoded } from '../error.ts'
import type { BodyOf, OfBody } from '../message.ts'
import type { MessageCodec, MessageForm } from './codec.ts'
import { formOf, statsForm, vendorStatsForm } from './stats.ts'

type Empty =
  | 'desc_request'
  | 'table_request'
  | 'group_features_request'
  | 'meter_features_request'
  | 'table_desc_request'
  | 'ipfix_bridge_request'
  | 'ipfix_flow_request'

const emptyRequest = <T extends Empty & OfBody['type']>(type: T, forms: readonly MessageForm[]): MessageCodec<T> => ({
  type,
  forms,
  choose: (_, speech) => formOf(forms, speech),
  encode() {},
  decode: () => decoded({ type } as BodyOf<T>),
  print: () => '',
})

export const descRequest = emptyRequest('desc_request', [statsForm('DESC', 'request', 0, 1)])
export const tableRequest = emptyRequest('table_request', [statsForm('TABLE', 'request', 3, 1)])
export const groupFeaturesRequest = emptyRequest('group_features_request', [
  vendorStatsForm('NXST_GROUP_FEATURES', 'request', nicira, 9, 1, 2),
  statsForm('GROUP_FEATURES', 'request', 8, 3),
])
export const meterFeaturesRequest = emptyRequest('meter_features_request', [
  statsForm('METER_FEATURES', 'request', 11, 4),
])
export const tableDescRequest = emptyRequest('table_desc_request', [statsForm('TABLE_DESC', 'request', 14, 5)])
export const ipfixBridgeRequest = emptyRequest('ipfix_bridge_request', [
  vendorStatsForm('NXST_IPFIX_BRIDGE', 'request', nicira, 3, 1, 6),
])
export const ipfixFlowRequest = emptyRequest('ipfix_flow_request', [
  vendorStatsForm('NXST_IPFIX_FLOW', 'request', nicira, 4, 1, 6),
])
