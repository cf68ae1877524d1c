"""What the results say: pure functions from an ensemble to sentences, figures, charts and tables, in two languages."""
