"""Fields of action: what each is about, as data and as the people it serves; one package per field."""
