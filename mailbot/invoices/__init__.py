"""Invoice documents: PDF and XML in, what they state and what is doubtful about it out."""
