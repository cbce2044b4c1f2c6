"""An os-ken application that makes the same calls to every switch that connects, and writes down all answers.

WEFT_CALLS names a file with {"version": 4, "calls": [...], "switches": 2, "answers": PATH}. A call is a function of os_ken.lib.ofctl_v1_N
with its arguments, where "OFP..." stands for the constant of that name and "MAC 1" for the address of port 1; or {"send": {"OFPxxx": {...}}}, a message as os-ken's JSON has
it. After each call comes a barrier: what the switch sends until its reply belongs to the call, except for events, which are written
down after all calls.
"""
import importlib
import inspect
import json
import os

from os_ken.base import app_manager
from os_ken.controller import ofp_event
from os_ken.controller.handler import CONFIG_DISPATCHER, MAIN_DISPATCHER, set_ev_cls
from os_ken.lib import hub, ofctl_utils
from os_ken.ofproto import ofproto_parser, ofproto_v1_0

with open(os.environ['WEFT_CALLS']) as plan:
    PLAN = json.load(plan)

# Seconds; only a loaded machine needs so long.
PATIENCE = ofctl_utils.DEFAULT_TIMEOUT = 60

# os-ken's own handler of errors asks for it, and dies of the first error at 1.0.
ofproto_v1_0.OFPET_EXPERIMENTER = 0xffff

# Every message of every version; those that os-ken itself answers before are not among them.
MESSAGES = [event for name, event in vars(ofp_event).items()
            if name.startswith(('EventOFP', 'EventNXT')) and name != 'EventOFPStateChange'
            and name not in ('EventOFPMsgBase', 'EventOFPHello', 'EventOFPEchoRequest')]

# Open vSwitch tells of these in its own time, also after the barrier.
EVENTS = ('OFPFlowRemoved', 'OFPPortStatus')


def filled(value, ofproto, macs):
    """Arguments with names replaced by what they stand for."""
    if isinstance(value, str) and value.startswith('OFP'):
        return getattr(ofproto, value)
    if isinstance(value, dict):
        return {name: macs[each[4:]] if str(each).startswith('MAC ') else each for name, each in value.items()}
    return value


class OfctlCalls(app_manager.OSKenApp):
    OFP_VERSIONS = [PLAN['version']]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.waiters = {}
        self.finished = 0
        self.seen = {}
        self.asynchronous = {}
        self.barriers = {}
        self.answers = {}
        self.ofctl = importlib.import_module('os_ken.lib.ofctl_v1_%d' % (PLAN['version'] - 1))

    @set_ev_cls(ofp_event.EventOFPStateChange, MAIN_DISPATCHER)
    def connected(self, ev):
        if ev.datapath.id not in self.answers:
            self.answers[ev.datapath.id] = []
            hub.spawn(self.run, ev.datapath)

    @set_ev_cls(MESSAGES, [CONFIG_DISPATCHER, MAIN_DISPATCHER])
    def message(self, ev):
        msg, dp = ev.msg, ev.msg.datapath
        if msg.xid in self.barriers:
            self.barriers.pop(msg.xid).set()
            return
        waiting = self.waiters.get(dp.id, {}).get(msg.xid)
        if waiting is not None:
            lock, msgs = waiting
            if type(msg).__name__ != 'OFPErrorMsg':
                msgs.append(msg)
            flags = getattr(msg, 'flags', 0)
            if not flags & getattr(dp.ofproto, 'OFPMPF_REPLY_MORE', getattr(dp.ofproto, 'OFPSF_REPLY_MORE', 1)):
                del self.waiters[dp.id][msg.xid]
                lock.set()
        if waiting is None or type(msg).__name__ == 'OFPErrorMsg':
            if type(msg).__name__ == 'OFPErrorMsg':
                # The number of the refused message is os-ken's choice. An extension's error has its own numbers before.
                at = 12 if msg.type == 0xb0c2 else 4
                msg.data = msg.data[:at] + bytes(4) + msg.data[at + 4:]
            sink = self.asynchronous if type(msg).__name__ in EVENTS else self.seen
            sink.setdefault(dp.id, []).append(msg.to_jsondict())

    def barrier(self, dp):
        request = dp.ofproto_parser.OFPBarrierRequest(dp)
        dp.set_xid(request)
        done = self.barriers[request.xid] = hub.Event()
        dp.send_msg(request)
        return bool(done.wait(timeout=PATIENCE))

    def one(self, dp, call, macs):
        if isinstance(call, dict):
            dp.send_msg(ofproto_parser.ofp_msg_from_jsondict(dp, call['send']))
            return None
        name, *rest = call
        function = getattr(self.ofctl, name)
        rest = [filled(value, dp.ofproto, macs) for value in rest]
        if 'waiters' in inspect.signature(function).parameters:
            return function(dp, self.waiters, *rest)
        return function(dp, *rest)

    def await_events(self):
        """Waits until no switch has told of fewer events than another: some are told of in a switch's own time."""
        for _ in range(PATIENCE * 10):
            hub.sleep(0.1)
            if len({len(self.asynchronous.get(each, [])) for each in self.answers}) == 1:
                return

    def run(self, dp):
        answers = self.answers[dp.id]
        ports = self.ofctl.get_port_desc(dp, self.waiters)[str(dp.id)]
        macs = {str(port['port_no']): port['hw_addr'] for port in ports}
        self.barrier(dp)
        for call in PLAN['calls']:
            self.seen[dp.id] = []
            try:
                value = self.one(dp, call, macs)
            except Exception as error:  # os-ken's own, for instance a name that this version does not have
                value = repr(error)
            alive = self.barrier(dp)
            if 'mod_port_behavior' in call:
                # Open vSwitch sees what became of a device one turn later, and tells of it as it is then.
                for _ in range(3):
                    self.barrier(dp)
            answers.append({'call': call, 'value': value, 'seen': self.seen[dp.id], 'barrier': alive})
            if not alive:
                break
        self.finished += 1
        if self.finished == PLAN['switches']:
            self.await_events()
            for each, events in self.asynchronous.items():
                self.answers[each] += [{'call': 'event', 'value': event} for event in events]
            temporary = PLAN['answers'] + '.new'
            with open(temporary, 'w') as out:
                json.dump(self.answers, out, default=lambda value: bytes(value).hex())
            os.rename(temporary, PLAN['answers'])
