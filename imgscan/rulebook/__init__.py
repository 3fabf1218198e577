"""Rule packs: YAML files become a frozen rulebook that `judge` judges by; checks packs and lists their rules."""

from __future__ import annotations

from imgscan.judge.records import Context, Rule, Rulebook, Signal
from imgscan.rulebook.checking import check
from imgscan.rulebook.listing import as_markdown
from imgscan.rulebook.loading import BUILT_IN, load
from imgscan.rulebook.reading import Problem

__all__ = ["BUILT_IN", "Context", "Problem", "Rule", "Rulebook", "Signal", "as_markdown", "check", "load"]
