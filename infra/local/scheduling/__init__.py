"""EventBridge Scheduler: schedules that last, run by the account's clock, once for each due time."""
