"""Mail that goes out: from facts and a template to bytes, and from bytes to a server that took them."""
