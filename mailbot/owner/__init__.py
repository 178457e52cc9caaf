"""The owner's side: orders that come by mail, questions and the digest."""
