"""WHO: one declarative file per outlet."""
