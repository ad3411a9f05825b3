"""The per-photo fitter: a photo in, reconstructions out."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from ..detection import default_detector, read_photo
from ..detection.face import DetectedFace, FaceDetector
from ..detection.photo import Photo
from ..errors import PhotoError
from ..facemodel.load import load_face_model
from ..facemodel.morphable import MorphableModel
from ..networks.interface import LookingNetworks
from ..networks.shipped import shipped_networks
from .config import FitConfig
from .em import fit_batch
from .encoded_fit import EncodedFit
from .fit_state import FitState
from .guided_em import GuidedEM
from .look import FaceLook, look_at
from .misfit import MisfitPrior, shipped_misfit
from .problem import FitProblem
from .reconstruction import Reconstruction
from .surface import FittingSurface
from .targets import CroppedFace, crop_face, make_problem
from .uncertainty import coefficient_deviation, fit_confidence

Image = Photo | NDArray[np.uint8] | str | Path
Solve = Callable[[FitProblem, FittingSurface, FitConfig], FitState]


REFINEMENT = 2
"""Levels of EM after the networks' look: a third one changes nothing that was measured."""


class Fitter:
    """Fits the face model to photos, one EM per face, faces of a call together.

    Args:
        model: the face model; the open model by default.
        detector: finds faces and landmarks; the default detector by default.
        config: settings of the fit; by default EM is as short as the networks allow.
        device: where to fit; a face model that is given is moved there.
        solve: how a batch is fitted; by default EM, guided by the networks where there are some.
        networks: look at the photo first; by default those that ship for the face model, None for none.
        correction: what fits are known to be wrong by on average; taken off the neutral face, if given.

    Example:
        >>> from skimage import data
        >>> from focusfit import Fitter
        >>> [face] = Fitter().fit(data.astronaut())
        >>> tuple(face.coefficients.identity.shape)
        (1, 80)
        >>> face.occluded  # her fringe covers the forehead
        True
    """

    def __init__(
        self,
        model: MorphableModel | None = None,
        detector: FaceDetector | None = None,
        config: FitConfig | None = None,
        device: str = "cpu",
        solve: Solve | None = None,
        networks: LookingNetworks | Literal["shipped"] | None = "shipped",
        correction: MisfitPrior | None = None,
    ) -> None:
        self.correction = correction
        self.model = (model or load_face_model()).to(device)
        chosen = shipped_networks(self.model) if networks == "shipped" else networks
        self.networks = None if chosen is None else chosen.to(device)
        self.config = config or FitConfig().refined(default_refinement(self.networks))
        self.detector = detector or default_detector()
        self.solve = solve or self._default_solve()
        modes = min(self.config.albedo_modes, self.model.albedo_basis.shape[2])
        smoothing = [level.smoothing for level in self.config.levels] or [0]
        self.surface = FittingSurface.of(self.model, modes, smoothing, shipped_misfit(self.model))

    def fit(self, image: Image) -> list[Reconstruction]:
        """All faces of a photo, largest first.

        Args:
            image: a file, a decoded photo, or ``(H, W, 3)`` uint8 RGB.

        Raises:
            PhotoError: the file cannot be read or shows no face.
        """
        photo = as_photo(image)
        faces = self.detector.detect(photo)
        if not faces:
            raise PhotoError("no face found", file=photo.path, remedy="Give landmarks if there is one.")
        return self.fit_faces([photo] * len(faces), faces)

    @torch.no_grad()
    def fit_faces(self, photos: Sequence[Photo], faces: Sequence[DetectedFace]) -> list[Reconstruction]:
        """Faces already detected, ``faces[i]`` in ``photos[i]``, as one batch."""
        cropped = self._crop(photos, faces)
        results: list[Reconstruction | None] = [None] * len(cropped)
        kinds = [(c.landmarks.scheme, face.source) for c, face in zip(cropped, faces, strict=True)]
        for kind in sorted(set(kinds)):
            chosen = [i for i, each in enumerate(kinds) if each == kind]
            config = self.config.for_source(kind[1], kind[0])
            problem = make_problem([cropped[i] for i in chosen], self.model, config)
            state = self.solve(problem, self.surface, config)
            for row, i in enumerate(chosen):
                results[i] = self._reconstruction(problem, state, row, cropped[i], faces[i])
        return [r for r in results if r is not None]

    def _crop(self, photos: Sequence[Photo], faces: Sequence[DetectedFace]) -> list[CroppedFace]:
        looks: Sequence[FaceLook | None] = [None] * len(faces)
        if self.networks is not None:
            looks = look_at(photos, faces, self.networks.encoder)
        together = zip(photos, faces, looks, strict=True)
        return [crop_face(photo, face, self.model, self.config, look) for photo, face, look in together]

    def _default_solve(self) -> Solve:
        networks = self.networks
        if networks is None:
            return fit_batch
        if not self.config.levels:
            return EncodedFit(networks.points, networks.encoder.config.size, networks.segmenter)
        return GuidedEM(networks.points, networks.encoder.config.size, networks.segmenter)

    def _reconstruction(
        self, problem: FitProblem, state: FitState, row: int, cropped: CroppedFace, face: DetectedFace
    ) -> Reconstruction:
        c = state.coefficients[row]
        shape = self.model.vertices(c.identity, c.expression)
        camera = problem.camera[row : row + 1]
        points = camera.project_coefficients(self.model.landmarks["ibug68"].of(shape), c)[0]
        region = state.rendering.region[row, 0].bool() & problem.inside[row, 0].bool()
        probability = state.visible[row, 0] * region
        image = lambda t: t.permute(1, 2, 0).contiguous().cpu().numpy()  # noqa: E731
        neutral = self.model.vertices(c.identity)[0].cpu().numpy()
        deviation = coefficient_deviation(state, self.model, self.surface)[row].to("cpu")
        return Reconstruction(
            model=self.model,
            coefficients=c.to("cpu"),
            deviation=deviation,
            camera=camera,
            crop=cropped.crop,
            detection=face,
            mask_probability=probability.cpu().numpy(),
            region=region.cpu().numpy(),
            rendered=image((state.rendering.image[row] * region).clamp(0, 1)),
            vertices=shape[0].cpu().numpy(),
            neutral=neutral if self.correction is None else self.correction.corrected(neutral),
            albedo=self.model.albedo(c.albedo)[0].clamp(0, 1).cpu().numpy(),
            landmarks68=cropped.crop.to_photo(points.double().cpu().numpy()),
            confidence=fit_confidence(problem, state, row, face),
            occluded_fraction=float(1 - probability.sum() / region.sum().clamp(min=1)),
            look_deviation=None if cropped.look is None else cropped.look.deviation,
            provenance=self.provenance(face, cropped.landmarks.scheme),
        )

    def provenance(self, face: DetectedFace, scheme: str) -> Mapping[str, Any]:
        """Versions, model hash and configuration for the landmark scheme used, to be stored with a result."""
        from .. import __version__

        return {
            "focusfit": __version__,
            "torch": torch.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
            "device": str(self.model.device),
            "model": self.model.name,
            "model_sha256": self.model.sha256,
            "detector": face.source,
            "detector_score": round(float(face.score), 4),
            "neutral_corrected": self.correction is not None,
            "networks": None if self.networks is None else dict(self.networks.about),
            "config": asdict(self.config.for_source(face.source, scheme)),
        }


def default_refinement(networks: LookingNetworks | None) -> int:
    """Levels of EM: all of them, or the two finest where networks have looked first."""
    return len(FitConfig().levels) if networks is None else REFINEMENT


def as_photo(image: Image) -> Photo:
    """Read or wrap ``image``."""
    if isinstance(image, Photo):
        return image
    if isinstance(image, str | Path):
        return read_photo(Path(image))
    array = np.asarray(image)
    if array.ndim != 3 or array.shape[2] != 3 or array.dtype != np.uint8:
        raise PhotoError(f"an image array must be (H, W, 3) uint8, not {array.shape} {array.dtype}")
    return Photo(array)
