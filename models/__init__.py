"""The domain: tables, pure rules, operations that change the record, queries that read it."""
