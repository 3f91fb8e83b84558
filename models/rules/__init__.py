"""The rules: pure functions from facts and policy to judgements. No clock, no database, no input or output."""
