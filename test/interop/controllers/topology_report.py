"""Writes the links that os-ken finds by LLDP, "DPID PORT DPID PORT" a line, to the file that WEFT_LINKS names."""
import os

from os_ken.base import app_manager
from os_ken.lib import hub
from os_ken.topology.api import get_link


class TopologyReport(app_manager.OSKenApp):
    def start(self):
        super().start()
        hub.spawn(self.report)

    def report(self):
        while True:
            hub.sleep(0.1)
            ends = ((link.src, link.dst) for link in get_link(self, None))
            lines = sorted('%x %d %x %d\n' % (src.dpid, src.port_no, dst.dpid, dst.port_no) for src, dst in ends)
            with open(os.environ['WEFT_LINKS'], 'w') as out:
                out.writelines(lines)
