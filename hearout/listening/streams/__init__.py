"""Listening to streams: what networks tell as it happens, up to the whole of a network, by any number of machines.

`following.py` keeps up the streams of connected handles, `lines.py` takes JSON Lines instead. What they tell goes
to an outlet: `storing.py` puts it into the inbox where webhooks go too, `sharing.py` onto a bus (`bus.py`: NATS
JetStream) from which listeners on any machine take it, keep what concerns a brand (`sieve.py`), and store that.
"""
