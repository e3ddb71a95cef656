"""Building, measuring and showing Touchstone; the server imports nothing from here."""
