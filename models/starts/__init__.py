"""How each process is begun by hand; one module a process (see ``models.starting``)."""
