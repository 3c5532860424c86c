"""What people asked us to keep doing: digests and watches, their slots, content and delivery."""
