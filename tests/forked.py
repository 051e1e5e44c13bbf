"""Processes of tests that are killed, or run beside one another: forked from one that has loaded everything.

Python, the hub and the library of quality suites take four seconds of CPU to load. A process of tests has a single
process to fork from, made when the first one is asked for, so what is to be loaded is said in one place.
"""

import multiprocessing

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.preloaded"])
