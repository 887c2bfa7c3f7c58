"""The benchmark: measures load, queries, page and server, and compares them with two references.

The *floor* is the least that the same result costs: hand-written SQL for the query layer, and a
Dash page that replays recorded answers for the browser. The *peer* is a Streamlit page with the
same graphs, indicators and table. Both are measured in the same run as the product.
"""
