"""How the platform is started, watched and stopped, on this machine or under Docker."""
