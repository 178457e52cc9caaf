"""The policy: a YAML file that an owner can read, and the pure function that decides by it."""
