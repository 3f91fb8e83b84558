"""What ``clientrisk doctor`` looks at, one module a subject. A check reads and never writes."""
