"""gunicorn's own messages, in the same JSON lines as everything else."""

from gunicorn.glogging import Logger


class ServerLog(Logger):
    """Hands what gunicorn has to say to the root logger."""

    def setup(self, cfg):
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
