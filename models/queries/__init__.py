"""Reading: what pages and programs are shown, as frozen models. Nothing here changes anything."""
