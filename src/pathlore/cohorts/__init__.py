"""Published cohorts: from the files of a series to one AnnData object with samples, donors, conditions, cell types."""
