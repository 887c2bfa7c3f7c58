"""The Dash callbacks: which control's change makes which panel ask and paint again.

They hold no SQL and make no figures: ``queries`` answers, ``components`` paints.
"""
