"""One of os-ken's integrated tests, WEFT_TESTS, made to run to its end.

They were written for Python 2: what fails in the test itself is noted as its result and the next one begins.
"""

import importlib
import itertools
import os

itertools.izip = zip

tests = importlib.import_module("os_ken.tests.integrated." + os.environ["WEFT_TESTS"])


class Tests(tests.RunTest):
    OFP_VERSIONS = tests.RunTest.OFP_VERSIONS

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.pending:
            setattr(self, name, self.noting(name, getattr(self, name)))

    def noting(self, name, test):
        def run(dp):
            try:
                test(dp)
            except Exception as error:
                self.failed(name, dp, error)

        return run

    def run_verify(self, ev):
        name = self.current
        try:
            super().run_verify(ev)
        except Exception as error:
            self.failed(name, ev.msg.datapath, error)

    def failed(self, name, dp, error):
        self.results[name] = "raised %s: %s" % (type(error).__name__, error)
        self.unclear -= 1
        self.start_next_test(dp)
