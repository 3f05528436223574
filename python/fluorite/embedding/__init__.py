"""Texts to vectors: an exported sentence-transformers model, served by ONNX Runtime."""

from .exported_model import PRECISIONS, ExportedModel, find_exported_model
from .model_directory import DEFAULT_MODEL
from .protocol import Embedder
from .service import EmbeddingService, open_service

__all__ = [
    "DEFAULT_MODEL",
    "PRECISIONS",
    "Embedder",
    "EmbeddingService",
    "ExportedModel",
    "find_exported_model",
    "open_service",
]
