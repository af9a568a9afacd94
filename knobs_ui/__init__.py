"""What the pages share: start-up, state, cached loading, charts and lists. Streamlit is imported here and in pages."""
