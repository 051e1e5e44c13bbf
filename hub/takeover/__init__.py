"""Take-over of hand-offs, market by market."""
