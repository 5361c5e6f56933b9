"""Prior knowledge: network tables, typed paths, and the text-numeric graph that holds them."""
