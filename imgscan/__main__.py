"""Where every command begins; `python -m imgscan` is `imgscan`."""

from __future__ import annotations

import sys

from imgscan.errors import ExitCode


def main() -> None:
    """Run the command line. Ctrl-C while it is still being loaded, which takes a second, ends it without a trace."""
    try:
        from imgscan import cli  # noqa: PLC0415 (so that its loading can be interrupted)

        cli.main()
    except KeyboardInterrupt:  # commands take it themselves once they run
        sys.exit(ExitCode.INTERRUPTED)


if __name__ == "__main__":
    main()
