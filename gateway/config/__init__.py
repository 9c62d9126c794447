"""The one TOML file. In: text. Out: a frozen Config, or every problem at once."""
