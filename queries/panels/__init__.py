"""What is asked of the store for each panel, one module a panel.

Each module declares ``PANEL``; ``components.panels.PANELS`` lists the panels of the product.
"""
