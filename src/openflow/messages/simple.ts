/** Messages that say no more than their name. */
import { emptyMessage, nxForm, onfForm, plainForm } from './forms.ts'

export const featuresRequest = emptyMessage('features_request', [plainForm('FEATURES_REQUEST', 5)])
export const getConfigRequest = emptyMessage('get_config_request', [plainForm('GET_CONFIG_REQUEST', 7)])
export const barrierRequest = emptyMessage('barrier_request', [
  plainForm('BARRIER_REQUEST', 18, 1, 1),
  plainForm('BARRIER_REQUEST', 20, 2),
])
export const barrierReply = emptyMessage('barrier_reply', [
  plainForm('BARRIER_REPLY', 19, 1, 1),
  plainForm('BARRIER_REPLY', 21, 2),
])
export const getAsyncRequest = emptyMessage('get_async_request', [plainForm('GET_ASYNC_REQUEST', 26, 4)])
export const flowAge = emptyMessage('flow_age', [nxForm('FLOW_AGE', 18)])
export const tlvTableRequest = emptyMessage('tlv_table_request', [nxForm('TLV_TABLE_REQUEST', 25)])
export const flowMonitorPaused = emptyMessage('flow_monitor_paused', [
  nxForm('FLOW_MONITOR_PAUSED', 22, 1, 3),
  onfForm('FLOW_MONITOR_PAUSED', 1871),
])
export const flowMonitorResumed = emptyMessage('flow_monitor_resumed', [
  nxForm('FLOW_MONITOR_RESUMED', 23, 1, 3),
  onfForm('FLOW_MONITOR_RESUMED', 1872),
])
