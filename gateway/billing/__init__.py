"""WHAT THE ISP MAY ASK (pure). In: contracts, dated rules, outages, invoices. Out: expected bills and variances."""
