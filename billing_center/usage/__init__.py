"""Usage events: collected, told apart, filtered, rated or parked, and never lost."""
