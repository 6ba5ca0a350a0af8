"""What readers need of a warehouse that they must not change."""
