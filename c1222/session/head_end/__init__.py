"""The other end of what meters send of their own accord: hearing it, and answering where that is wanted."""
