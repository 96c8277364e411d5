"""The second opinion: what should have been charged, worked out plainly from raw facts, beside what was."""
