"""What is done with a meter, step by step, as generators that yield what they want to have asked."""
