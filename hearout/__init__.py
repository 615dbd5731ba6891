"""Hearout: self-hosted social customer care. Start reading at `hearout/pipeline.py`."""

__version__ = "0.1.0"
