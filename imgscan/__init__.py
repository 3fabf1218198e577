"""imgscan finds secrecy marks in photographs, offline. Start reading at `imgscan.pipeline`."""

__version__ = "0.1.0"
