"""Papers made of the history: books for an outside auditor, statements and invoices for members."""
