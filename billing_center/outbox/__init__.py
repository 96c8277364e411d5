"""The outbox: messages to other systems, kept with the decision, sent until they are answered."""
