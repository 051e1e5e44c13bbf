"""The take-over of hand-offs: how far it is, who may act, what speaks for going on, and what gives it back."""
