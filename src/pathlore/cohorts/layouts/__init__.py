"""The forms in which published counts come, one reader each; both give `pathlore.cohorts.counts.Counts`."""
