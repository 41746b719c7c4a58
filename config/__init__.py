"""Settings, catalogues and the command line: read once at the edge and passed down."""
