"""RADIUS: accounting that is heard, and questions and orders to AAA servers and access equipment."""
