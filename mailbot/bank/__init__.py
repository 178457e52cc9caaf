"""Bank files in, lines out; and which line pays which invoice. Pure: nothing here reads a clock, disk or network."""
