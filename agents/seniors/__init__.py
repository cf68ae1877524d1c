"""The people of the field `seniors`: households with a person of 75 and more, their state and what a month does."""
