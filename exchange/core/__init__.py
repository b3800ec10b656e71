"""The pure core: (command, time) in, events or a refusal out; no clock, no chance, no input or output."""
