"""The command `cong`: one file a family of commands."""
