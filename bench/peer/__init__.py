"""The peer: a Streamlit page in an environment of its own."""
