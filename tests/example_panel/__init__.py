"""The panel of docs/adding-a-panel.md: messages by weekday and hour."""
