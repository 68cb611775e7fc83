"""What comes from the villages and goes to the desks: confirmations, requests, grave matters."""
