"""One writer: it orders commands, executes them, makes them durable, and only then shows what they did."""
