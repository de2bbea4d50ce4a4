"""function: an AWS Lambda function."""

from __future__ import annotations

from components.function.component import Function, FunctionArgs
from components.function.spec import EventSpec, FunctionSpec, QueueSpec

__all__ = ["EventSpec", "Function", "FunctionArgs", "FunctionSpec", "QueueSpec"]
