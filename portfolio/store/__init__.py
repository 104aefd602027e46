"""The SQLite file: opening, migrations, damage, retention; knows nothing of what its rows mean."""
