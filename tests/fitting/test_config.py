"""Settings per source of landmarks."""

from __future__ import annotations

from dataclasses import replace

from focusfit.detection.landmark_csv import LandmarkTable
from focusfit.fitting.config import GIVEN_LANDMARKS, FitConfig, LandmarkSource, LandmarkTerm


def test_given_landmarks_leave_identity_freer_than_detected_ones() -> None:
    config = FitConfig()
    assert GIVEN_LANDMARKS.name == LandmarkTable.name
    given = config.for_source(LandmarkTable.name)
    assert given.prior.identity == GIVEN_LANDMARKS.identity_prior < config.prior.identity
    assert given.landmarks == GIVEN_LANDMARKS.landmarks
    assert given.encoder_trust == GIVEN_LANDMARKS.encoder_trust < config.encoder_trust
    common = {name: getattr(config, name) for name in ("prior", "landmarks", "encoder_trust")}
    assert replace(given, **common) == config


def test_other_sources_get_the_common_settings() -> None:
    config = FitConfig()
    assert config.for_source("yunet-facemesh") is config
    assert config.for_source("") is config


def test_five_points_never_decide_a_shape() -> None:
    config = FitConfig()
    assert config.for_source(LandmarkTable.name, "five") is config


def test_a_source_can_be_added() -> None:
    mine = LandmarkSource("my tracker", LandmarkTerm(sigma=0.5), identity_prior=1.0)
    config = replace(FitConfig(), sources=(GIVEN_LANDMARKS, mine))
    assert config.for_source("my tracker").landmarks.sigma == 0.5
    assert config.for_source("csv").prior.identity == GIVEN_LANDMARKS.identity_prior
