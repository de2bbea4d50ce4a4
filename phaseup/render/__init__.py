"""What a person sees: Rich renderables for the terminal, SVG for a picture of a phase. Knows no command."""
