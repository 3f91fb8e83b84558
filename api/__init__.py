"""The pages and the JSON API: load, check, call one operation, answer."""
