"""Edge: the local shelf. A folder with a sheet that says what its files are -> items and open files."""
