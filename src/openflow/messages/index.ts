import { aggregateReply } from './aggregate.ts'
import { getAsyncReply, setAsync } from './async.ts'
import { bundleAdd, bundleControl } from './bundle.ts'
import type { AnyMessageCodec } from './codec.ts'
import { getConfigReply, setConfig } from './config.ts'
import { ctFlush } from './ct-flush.ts'
import { descReply } from './desc.ts'
import { echoReply, echoRequest } from './echo.ts'
import {
  descRequest,
  groupFeaturesRequest,
  ipfixBridgeRequest,
  ipfixFlowRequest,
  meterFeaturesRequest,
  tableDescRequest,
  tableRequest,
} from './empty-requests.ts'
import { error } from './error.ts'
import { featuresReply } from './features.ts'
import { flowMod } from './flow-mod.ts'
import { flowMonitorRequest } from './flow-monitor.ts'
import { flowRemoved } from './flow-removed.ts'
import { aggregateRequest, flowRequest } from './flow-request.ts'
import { flowReply } from './flow-stats.ts'
import { flowMonitorReply } from './flow-updates.ts'
import { groupDescReply, groupDescRequest } from './group-desc.ts'
import { groupFeaturesReply } from './group-features.ts'
import { groupMod } from './group-mod.ts'
import { groupReply, groupRequest } from './group-stats.ts'
import { hello } from './hello.ts'
import { ipfixBridgeReply, ipfixFlowReply } from './ipfix.ts'
import { meterMod } from './meter-mod.ts'
import { meterConfigReply, meterConfigRequest, meterFeaturesReply, meterReply, meterRequest } from './meter-stats.ts'
import {
  ctFlushZone,
  flowModTableId,
  flowMonitorCancel,
  setControllerId,
  setFlowFormat,
  setPacketInFormat,
} from './nicira.ts'
import { packetIn, resume } from './packet-in.ts'
import { packetOut } from './packet-out.ts'
import { portMod, portStatus } from './port.ts'
import { portDescReply, portDescRequest } from './port-desc.ts'
import { portReply, portRequest } from './port-stats.ts'
import { queueConfigReply, queueConfigRequest, queueDescReply, queueDescRequest } from './queue-desc.ts'
import { queueReply, queueRequest } from './queue-stats.ts'
import { requestforward } from './requestforward.ts'
import { roleReply, roleRequest, roleStatus } from './role.ts'
import {
  barrierReply,
  barrierRequest,
  featuresRequest,
  flowAge,
  flowMonitorPaused,
  flowMonitorResumed,
  getAsyncRequest,
  getConfigRequest,
  tlvTableRequest,
} from './simple.ts'
import { tableDescReply, tableStatus } from './table-desc.ts'
import { tableFeaturesReply, tableFeaturesRequest } from './table-features.ts'
import { tableMod } from './table-mod.ts'
import { tableReply } from './table-stats.ts'
import { tlvTableMod, tlvTableReply } from './tlv-table.ts'

/** Every message's codec: `message-wire.ts` finds them by form and by type. */
export const messageCodecs: readonly AnyMessageCodec[] = [
  aggregateReply,
  getAsyncReply,
  setAsync,
  bundleControl,
  bundleAdd,
  getConfigReply,
  setConfig,
  ctFlush,
  descReply,
  echoRequest,
  echoReply,
  descRequest,
  tableRequest,
  groupFeaturesRequest,
  meterFeaturesRequest,
  tableDescRequest,
  ipfixBridgeRequest,
  ipfixFlowRequest,
  error,
  featuresReply,
  flowMod,
  flowMonitorRequest,
  flowRemoved,
  flowRequest,
  aggregateRequest,
  flowReply,
  flowMonitorReply,
  groupDescRequest,
  groupDescReply,
  groupFeaturesReply,
  groupMod,
  groupRequest,
  groupReply,
  hello,
  ipfixBridgeReply,
  ipfixFlowReply,
  meterMod,
  meterRequest,
  meterConfigRequest,
  meterReply,
  meterConfigReply,
  meterFeaturesReply,
  setFlowFormat,
  flowModTableId,
  setPacketInFormat,
  setControllerId,
  flowMonitorCancel,
  ctFlushZone,
  packetIn,
  resume,
  packetOut,
  portDescRequest,
  portDescReply,
  portRequest,
  portReply,
  portStatus,
  portMod,
  queueConfigRequest,
  queueConfigReply,
  queueDescRequest,
  queueDescReply,
  queueRequest,
  queueReply,
  requestforward,
  roleRequest,
  roleReply,
  roleStatus,
  featuresRequest,
  getConfigRequest,
  barrierRequest,
  barrierReply,
  getAsyncRequest,
  flowAge,
  tlvTableRequest,
  flowMonitorPaused,
  flowMonitorResumed,
  tableDescReply,
  tableFeaturesRequest,
  tableFeaturesReply,
  tableReply,
  tableStatus,
  tableMod,
  tlvTableMod,
  tlvTableReply,
]
