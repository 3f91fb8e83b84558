"""The ``clientrisk`` command: starts, looks after and examines everything else."""
