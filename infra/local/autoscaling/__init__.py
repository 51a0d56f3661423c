"""Application Auto Scaling of endpoint variants: policies change the number of instances as alarms say."""
