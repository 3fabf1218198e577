"""imgscan finds secrecy marks in photographs, offline. Start reading at `imgscan.line`."""

__version__ = "0.1.0"
