"""Bank files in, lines out; and which line pays which invoice."""
