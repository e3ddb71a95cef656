"""Touchstone's server: tells what label a picture carries and what that label is worth."""

__version__ = "0.1.0"
