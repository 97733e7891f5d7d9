"""Messages: an outbox that reaches a phone exactly once, and the answers that come back."""
