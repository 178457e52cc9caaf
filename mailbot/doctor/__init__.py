"""Is everything in place? Checks in order, each with what was tried, what came back, and the fix as a command."""
