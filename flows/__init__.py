"""The processes, one Prefect flow a file, and what carries them: ``CaseRun``, worker, dispatcher."""
