"""What the code numbers of the standard mean, each with its source."""
