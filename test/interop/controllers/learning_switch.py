"""A learning switch for os-ken, at the version (a number on the wire) that WEFT_VERSION names."""
import os

from os_ken.base import app_manager
from os_ken.controller import ofp_event
from os_ken.controller.handler import CONFIG_DISPATCHER, MAIN_DISPATCHER, set_ev_cls
from os_ken.lib.packet import ethernet, packet

VERSION = int(os.environ['WEFT_VERSION'])


class LearningSwitch(app_manager.OSKenApp):
    OFP_VERSIONS = [VERSION]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.macs = {}

    @set_ev_cls(ofp_event.EventOFPSwitchFeatures, CONFIG_DISPATCHER)
    def features(self, ev):
        dp = ev.msg.datapath
        if VERSION > 1:
            actions = [dp.ofproto_parser.OFPActionOutput(dp.ofproto.OFPP_CONTROLLER, dp.ofproto.OFPCML_NO_BUFFER)]
            self.add_flow(dp, dp.ofproto_parser.OFPMatch(), actions, priority=0)

    def add_flow(self, dp, match, actions, priority):
        ofp, parser = dp.ofproto, dp.ofproto_parser
        if VERSION == 1:
            rest = {'actions': actions, 'command': ofp.OFPFC_ADD, 'cookie': 0, 'hard_timeout': 0, 'idle_timeout': 0}
        else:
            rest = {'instructions': [parser.OFPInstructionActions(ofp.OFPIT_APPLY_ACTIONS, actions)],
                    'command': ofp.OFPFC_ADD, 'table_id': 0}
            if VERSION < 4:  # os-ken's 1.2 has no defaults
                rest.update(cookie=0, cookie_mask=0, idle_timeout=0, hard_timeout=0, buffer_id=ofp.OFP_NO_BUFFER,
                            out_port=ofp.OFPP_ANY, out_group=ofp.OFPG_ANY, flags=0)
        dp.send_msg(parser.OFPFlowMod(dp, match=match, priority=priority, **rest))

    @set_ev_cls(ofp_event.EventOFPPacketIn, MAIN_DISPATCHER)
    def packet_in(self, ev):
        msg, dp = ev.msg, ev.msg.datapath
        ofp, parser = dp.ofproto, dp.ofproto_parser
        in_port = msg.in_port if VERSION == 1 else msg.match['in_port']
        frame = packet.Packet(msg.data).get_protocol(ethernet.ethernet)
        macs = self.macs.setdefault(dp.id, {})
        macs[frame.src] = in_port
        out = macs.get(frame.dst, ofp.OFPP_FLOOD)
        actions = [parser.OFPActionOutput(out)]
        if out != ofp.OFPP_FLOOD:
            names = ('dl_src', 'dl_dst') if VERSION == 1 else ('eth_src', 'eth_dst')
            match = parser.OFPMatch(in_port=in_port, **dict(zip(names, (frame.src, frame.dst))))
            self.add_flow(dp, match, actions, priority=10)
        if VERSION == 6:
            where = {'match': parser.OFPMatch(in_port=in_port)}
        else:
            where = {'in_port': in_port}
        dp.send_msg(parser.OFPPacketOut(datapath=dp, buffer_id=ofp.OFP_NO_BUFFER, actions=actions, data=msg.data, **where))
