"""The whole way: evaluate, run, correct, judge, keep on disk."""
