"""When things happened: what a meter's clock shows, where it hangs, DST, and times as people ask for them."""
