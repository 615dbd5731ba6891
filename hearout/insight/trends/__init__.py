"""Trends: what is talked about more than it should be, told once, with a stated number of false alarms a week."""
