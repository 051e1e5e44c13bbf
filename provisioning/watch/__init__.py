"""What the network says of lines by itself, before anybody calls: pure."""
