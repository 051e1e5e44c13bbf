"""Shadow: what the hub would have done beside what legacy was seen to do, compared by expressions; pure."""
