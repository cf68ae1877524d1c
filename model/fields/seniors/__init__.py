"""The field of action `seniors`: what people of 75 and more and those who care for them need to live at home."""

from .households import SeniorHouseholds

PEOPLE = SeniorHouseholds
