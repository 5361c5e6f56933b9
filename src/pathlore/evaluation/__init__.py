"""What each part of the method is worth: variants, baselines, nulls and planted truth, on the same splits."""
