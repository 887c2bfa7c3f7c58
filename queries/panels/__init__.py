"""One module for each panel: its columns, its SELECT and the frame made of the rows.

The rows are complete: ``components.panels`` decides how many of them are drawn. Each module
declares ``PANEL``. ``components.panels.PANELS`` lists the panels of the page, and
``components.panels`` has a module of the same name for how each looks.
"""
