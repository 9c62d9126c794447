"""FILES OF THE OFFICE (edge). In: a Paper. Out: its bytes in one of the forms, the same figures in each."""
