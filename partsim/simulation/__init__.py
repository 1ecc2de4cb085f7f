"""Play a plan out: the SimPy model."""
