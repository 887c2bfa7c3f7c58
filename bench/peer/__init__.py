"""The peer: a Streamlit page in a virtual environment of its own, to compare the product with."""
