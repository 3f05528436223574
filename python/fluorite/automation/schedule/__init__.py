"""The daily run: set up, shown and removed with cron, systemd or launchd."""
