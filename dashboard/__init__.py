"""The read API and the web page: published versions only, never the store."""
