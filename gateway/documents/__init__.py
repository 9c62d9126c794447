"""FILES OF THE OFFICE (edge). In: a Paper. Out: its bytes as .docx or PDF, laid out as Decree 30/2020 says."""
