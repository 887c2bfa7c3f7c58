"""Every number of the product: filters, panels, cache and engines. Knows neither Dash nor files."""
