"""`python -m imgscan` is `imgscan`."""

from imgscan.cli import main

if __name__ == "__main__":
    main()
