"""The command line. Only click is imported at the top, so that `partsim --help` answers at once."""
