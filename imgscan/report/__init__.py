"""Results as files for people and programs (store -> review -> **report**): last step of the line."""

from __future__ import annotations

from imgscan.report.jsonl import finding_object, to_object, write_jsonl
from imgscan.report.output import require_folder, write_file

__all__ = ["finding_object", "require_folder", "to_object", "write_file", "write_jsonl"]
