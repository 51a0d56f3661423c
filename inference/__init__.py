"""What an endpoint does: the serving program and one file a task."""
