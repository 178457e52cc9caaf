"""Real servers on loopback and the doubles of our adapters, for our tests, the demo, and tests of users."""
