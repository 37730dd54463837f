"""What `secret_peers.py` and `pii_peers.py` are made of; standard library only, Python 3.9 or later."""
