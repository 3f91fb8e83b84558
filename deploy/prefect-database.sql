-- Run once by the PostgreSQL image, when its volume is empty: Prefect keeps its runs beside the record, not in it.
CREATE DATABASE prefect OWNER clientrisk;
