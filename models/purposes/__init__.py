"""What somebody outside may be asked to do; one module a purpose (see ``models.outside``)."""
