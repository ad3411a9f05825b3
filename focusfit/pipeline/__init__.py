"""A whole run: photos read ahead, faces fitted in batches, results written behind."""

from .run import RunOptions, RunSummary, reconstruct_photos

__all__ = ["RunOptions", "RunSummary", "reconstruct_photos"]
