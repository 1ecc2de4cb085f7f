"""Choose stock levels: prices, a PuLP master, a core model, a bound."""
