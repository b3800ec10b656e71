"""Money and quantities: accounts, transfers, holds and commission."""
