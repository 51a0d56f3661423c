"""What each job does, one file a job: thin programs over `bestiary`, run isolated in a container."""
