"""How relations of a DuckDB warehouse are made, changed and described; steps decide when."""
