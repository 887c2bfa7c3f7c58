"""The example of docs/adding-a-panel.md: a panel of messages by weekday and hour."""
