"""The second reader of the journal: it audits the engine, writes snapshots, and fills the SQL history."""
