"""The same work on other tools: each module is one service as that tool's own documentation would have it.

An event comes from a queue, its effect and its inbox row are written in one transaction, one follow-up
event is published with a confirm, the message is acked. They run on packages of their own
(requirements/bench.txt), so nothing of the platform is imported here.
"""
