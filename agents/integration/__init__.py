"""The people of the field `integration`: migrant households, their state and what a month does to them."""
