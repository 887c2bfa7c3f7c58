"""The Dash callbacks: which control's change makes which panel ask for data and paint again.

They hold no SQL and make no figures: ``queries`` finds the data, ``components`` make the contents.
"""
