"""Light and albedo from several starts.

A large occluder can pass for the face when light and albedo are fitted once: a flat grey mask is an easy thing to
light. So the fit is started from several parts of the face, and the start that explains most of the photo as a
plausibly coloured, well lit face wins.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..facemodel.coefficients import FaceCoefficients
from ..facemodel.morphable import AMBIENT
from ..objectives.prior import light_precision
from .config import FitConfig, StartTerm
from .surface import FittingSurface


@dataclass(frozen=True, eq=False)
class LitSamples:
    """Sampled surface points of a batch under a fixed geometry.

    Attributes:
        colour: ``(B, S, 3)`` of the photo.
        detail: ``(B, S, 3)`` of the photo, less its blurred self.
        harmonics: ``(B, S, 9)``.
        albedo_mean: ``(B, S, 3)``.
        albedo_basis: ``(B, S, 3, Ka)``.
        albedo_detail: ``(B, S, 3)`` mean albedo, less its smoothed self.
        position: ``(B, S, 3)`` mm on the mean shape, to tell the parts of the face.
        weight: ``(B, S)`` 1 where a sample can be seen, else 0.
    """

    colour: Tensor
    detail: Tensor
    harmonics: Tensor
    albedo_mean: Tensor
    albedo_basis: Tensor
    albedo_detail: Tensor
    position: Tensor
    weight: Tensor


def face_parts(position: Tensor, surface: FittingSurface) -> Tensor:
    """``(B, P, S)`` bool: the parts of the face that a start may trust; the first is all of it."""
    points = surface.model.landmarks["ibug68"].of(surface.model.shape_mean)
    eyes, nose, mouth = points[36:48].mean(0), points[30], points[48:68].mean(0)
    x, y = position[..., 0], position[..., 1]
    parts = (
        torch.ones_like(x, dtype=torch.bool),
        y > eyes[1] - 8,
        y < eyes[1] - 8,
        x > 4,
        x < -4,
        y > eyes[1] + 22,
        (y < eyes[1] - 10) & (y > mouth[1] + 8) & (x.abs() > 14),
        (y < nose[1]) & (x > 4),
        (y < nose[1]) & (x < -4),
        y < mouth[1] - 8,
    )
    return torch.stack(parts, dim=1)


def colour_parts(colour: Tensor, weight: Tensor) -> Tensor:
    """``(B, P, S)`` bool: samples of like colour, two and three groups of them (k-means from dark to bright).

    A hand before a face is of one colour, wherever it is; so is the rest of the face.
    """
    grey = colour.mean(-1) + 2 * (weight <= 0)
    seen = (weight > 0).sum(1, keepdim=True)
    order = grey.argsort(dim=1)
    groups = []
    for count in (2, 3):
        quantiles = (torch.arange(count, device=colour.device) + 0.5) / count
        rank = (quantiles * seen).long().clamp(max=colour.shape[1] - 1)
        centre = colour.gather(1, order.gather(1, rank)[..., None].expand(-1, -1, 3))
        for _ in range(6):
            nearest = torch.cdist(colour, centre).argmin(-1)
            member = torch.nn.functional.one_hot(nearest, count).to(colour) * weight[..., None]
            centre = (member.transpose(1, 2) @ colour) / member.sum(1)[..., None].clamp(min=1)
        groups.append(member.transpose(1, 2) > 0)
    return torch.cat(groups, dim=1)


def _solve(s: LitSamples, theta: Tensor, weight: Tensor, precision: Tensor, ka: int) -> Tensor:
    """One reweighted Gauss-Newton step of ``theta (B, P, ka + 27)`` under ``weight (B, P, S)``."""
    albedo, shading = _albedo_and_shading(s, theta, ka)
    residual = s.colour[:, None] - albedo * shading
    by_albedo = shading[..., None] * s.albedo_basis[:, None]
    by_light = albedo[..., None] * s.harmonics[:, None, :, None, :]
    root = weight.sqrt()[..., None]
    hessian = precision + torch.zeros(*theta.shape, theta.shape[-1]).to(theta)
    mean = torch.zeros_like(theta[0, 0])
    mean[ka::9] = AMBIENT
    gradient = (theta - mean) @ precision
    for c in range(3):
        light = slice(ka + 9 * c, ka + 9 * c + 9)
        j = torch.cat([by_albedo[..., c, :], by_light[..., c, :]], dim=-1) * root
        r = (residual[..., c, None]) * root
        square = j.transpose(-1, -2) @ j
        pull = (j.transpose(-1, -2) @ r)[..., 0]
        hessian[..., :ka, :ka] += square[..., :ka, :ka]
        hessian[..., :ka, light] += square[..., :ka, ka:]
        hessian[..., light, :ka] += square[..., ka:, :ka]
        hessian[..., light, light] += square[..., ka:, ka:]
        gradient[..., :ka] -= pull[..., :ka]
        gradient[..., light] -= pull[..., ka:]
    factor = torch.linalg.cholesky(hessian)
    return theta - torch.cholesky_solve(gradient[..., None], factor)[..., 0]


def _albedo_and_shading(s: LitSamples, theta: Tensor, ka: int) -> tuple[Tensor, Tensor]:
    """``(B, P, S, 3)`` each."""
    flat = s.albedo_basis.flatten(1, 2)
    offset = (theta[..., :ka] @ flat.transpose(1, 2)).unflatten(2, (-1, 3))
    light = theta[..., ka:].unflatten(-1, (3, 9))
    shading = s.harmonics[:, None] @ light.transpose(-1, -2)
    return s.albedo_mean[:, None] + offset, shading


def fit_light(
    samples: LitSamples, surface: FittingSurface, start: FaceCoefficients, config: FitConfig
) -> FaceCoefficients:
    """The best of all starts: ``start`` with light and albedo replaced."""
    term, ka = config.starts, config.albedo_modes
    places, colours = face_parts(samples.position, surface), colour_parts(samples.colour, samples.weight)
    parts = torch.cat([places, colours], dim=1) & (samples.weight > 0)[:, None]
    batch, count = parts.shape[:2]
    precision = torch.zeros(ka + 27, ka + 27)
    precision[range(ka), range(ka)] = term.albedo_prior
    precision[ka:, ka:] = light_precision(config.prior, AMBIENT) * term.light_prior
    theta = torch.zeros(batch, count, ka + 27)
    theta[..., ka::9] = AMBIENT * _brightness(samples, parts)[..., None]
    for step, tolerance in enumerate(term.tolerances):
        allowed = parts if step < term.restricted_steps else (samples.weight > 0)[:, None]
        residual = _residual(samples, theta, ka)
        weight = allowed / (1 + (residual / tolerance) ** 2) ** 2
        weight = weight * (term.weight / tolerance**2 / allowed.sum(-1, keepdim=True).clamp(min=30))
        theta = _solve(samples, theta, weight, precision, ka)
    best = _score(samples, theta, precision, term, ka).argmax(dim=1)
    chosen = theta[torch.arange(batch), best]
    albedo = start.albedo.clone()
    albedo[:, :ka] = chosen[:, :ka]
    return start.replace(albedo=albedo, light=chosen[:, ka:].unflatten(1, (3, 9)))


def _brightness(s: LitSamples, parts: Tensor) -> Tensor:
    """``(B, P)`` grey level of the photo over that of the mean albedo, on each part."""
    grey = lambda v: (v.mean(-1)[:, None] * parts).sum(-1)  # noqa: E731
    return grey(s.colour) / grey(s.albedo_mean).clamp(min=1e-3)


def _residual(s: LitSamples, theta: Tensor, ka: int) -> Tensor:
    albedo, shading = _albedo_and_shading(s, theta, ka)
    return (s.colour[:, None] - albedo * shading).norm(dim=-1)


def _score(s: LitSamples, theta: Tensor, precision: Tensor, term: StartTerm, ka: int) -> Tensor:
    """``(B, P)``: the explained share of the face, priors, whether its fine detail fits, whether it is skin."""
    visible = s.weight[:, None]
    total = visible.sum(-1).clamp(min=1)
    albedo, shading = _albedo_and_shading(s, theta, ka)
    colour = albedo * shading
    # Light is never quite right: the brighter a surface, the more it may be off.
    sigma = term.sigma + term.shading_error * colour.mean(-1).clamp(0, 1)
    residual = (s.colour[:, None] - colour).norm(dim=-1) / sigma
    # The share that is explained, not a density: else a start on a black thing wins, where errors are small.
    inlier = visible * torch.exp(-0.5 * (residual / 2) ** 2)
    explained = inlier.sum(-1) / total
    mean = torch.zeros_like(theta[0, 0])
    mean[ka::9] = AMBIENT
    prior = 0.5 * ((theta - mean) @ precision * (theta - mean)).sum(-1)
    model_detail = (shading * s.albedo_detail[:, None]).mean(-1)
    photo_detail = s.detail.mean(-1)[:, None].expand_as(model_detail)
    structure = _correlation(model_detail, photo_detail, inlier)
    skin = skin_plausibility(s.albedo_mean[:, None] * shading)
    plausible = _colourfulness(s) * (skin * visible).sum(-1) / total
    return term.explained * explained - prior + term.structure * structure * explained + term.skin * plausible


def _colourfulness(s: LitSamples) -> Tensor:
    """``(B, 1)`` in [0, 1]: 0 for a grey photo, whose colours say nothing, 1 from a faint tint on."""
    chroma = (s.colour - s.colour.mean(-1, keepdim=True)).abs().sum(-1)
    mean = (chroma * s.weight).sum(1, keepdim=True) / s.weight.sum(1, keepdim=True).clamp(min=1)
    return (mean / 0.03).clamp(max=1)


def skin_plausibility(colour: Tensor) -> Tensor:
    """``(...)``, 0 or less: how far a lit mean ``colour (..., 3)`` is from any skin in any usual light.

    Skin is redder than green and greener than blue, and nobody photographs a face in the dark.
    """
    level = colour.mean(-1).clamp(min=1e-3)
    red = (colour[..., 0] - colour[..., 1]) / level
    yellow = (colour[..., 1] - colour[..., 2]) / level
    hue = (0.10 - red).clamp(min=0) ** 2 + (0.02 - yellow).clamp(min=0) ** 2
    dark = (0.12 - level).clamp(min=0) / 0.12
    return -(hue.clamp(max=0.1) + 0.02 * dark**2)


def _correlation(a: Tensor, b: Tensor, w: Tensor) -> Tensor:
    total = w.sum(-1, keepdim=True).clamp(min=1e-6)
    a = a - (w * a).sum(-1, keepdim=True) / total
    b = b - (w * b).sum(-1, keepdim=True) / total
    norm = ((w * a * a).sum(-1) * (w * b * b).sum(-1)).sqrt().clamp(min=1e-9)
    return (w * a * b).sum(-1) / norm
