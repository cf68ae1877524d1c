"""The printed annex, its tables as files, and the page for a newsletter."""
