"""The catalog: products, price versions, promotions and exchange rates, loaded from a checked file."""
