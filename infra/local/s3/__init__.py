"""S3 that lasts: moto answers; bytes and an index lie on disk, committed before the answer."""
