"""What the operator does: graphs, runs, versions and the command line."""
