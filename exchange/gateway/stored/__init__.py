"""What the gateway keeps and reads in SQL."""
