"""Words that would be code if anything obeyed them, planted wherever a page shows what somebody else wrote."""
