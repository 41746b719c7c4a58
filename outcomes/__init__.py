"""Rules: from milestones to effect records, and from effect records to estimates. No input or output of its own."""
