"""What can be done to the record. Each takes the unit of work first, and either succeeds whole or raises."""
