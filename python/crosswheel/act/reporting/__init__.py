"""What a report reads: plans, locks, wheels that were made, images; and the page it is written to."""
