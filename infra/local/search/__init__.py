"""What Search understands: properties of a resource by dotted name, and expressions over them."""
