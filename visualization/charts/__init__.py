"""Charts as SVG text: pure functions from numbers and translated labels to a drawing, a sentence and a table."""
