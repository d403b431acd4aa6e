"""Logs: one JSON object a line, with where a fault was but never its message, which could quote a deal."""

import datetime as dt
import logging
import os
import traceback
from typing import Any

import msgspec

# a record would ask the system for its process and thread, which no line tells
logging.logProcesses = logging.logThreads = logging.logMultiprocessing = False


class JsonLines(logging.Formatter):
    """Formats records as JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record as one line.

        >>> record = {"msg": "a\\nb", "created": 0, "name": "x", "levelname": "INFO"}
        >>> JsonLines().format(logging.makeLogRecord(record))
        '{"time":"1970-01-01T00:00:00Z","level":"info","logger":"x","message":"a\\\\nb"}'
        """
        line: dict[str, Any] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["where"] = "".join(traceback.format_tb(record.exc_info[2]))
        return msgspec.json.encode(line).decode()


class Stderr(logging.Handler):
    """Writes each record in one call to the system: half the time of a stream that is flushed."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record as one line."""
        try:
            os.write(2, self.format(record).encode() + b"\n")
        except OSError:
            self.handleError(record)


def settings_of(level: str) -> dict[str, Any]:
    """Describe the logging of a process at `level`, as `logging.config` reads it.

    The server's own steps are told at `debug` alone: of a start, one line says all.
    """
    server = level if level == "debug" else "warning"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": JsonLines}},
        "handlers": {"stderr": {"()": Stderr, "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {"rackrate": {"level": level.upper()}, "uvicorn": {"level": server.upper()}},
    }
