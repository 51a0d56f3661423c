"""CloudWatch alarms: judged every second from the account's metrics, kept over restarts, heard by SNS."""
