"""Tools for working on the project: set-up, the wheel's build, documents made from the code.

``set_up`` and ``quietly`` run before anything is installed, with the standard library alone.
"""
