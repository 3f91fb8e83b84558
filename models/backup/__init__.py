"""Backups: one archive that holds everything an installation is made of, taken while it runs and restored anywhere."""
