"""`python -m kreislauf` is the command `kreislauf`."""

from kreislauf.cli import main  # pyright: ignore[reportMissingImports]

main()
