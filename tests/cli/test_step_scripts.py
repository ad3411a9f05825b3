"""The numbered scripts take the reference's flags."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

STEPS = Path(__file__).resolve().parents[2] / "steps"
COMMON = "--img_path --batch_size --epochs --learning_rate --gpu"
FLAGS = {
    "step1_pretrain_autoencoder": f"{COMMON} --pretrained_model_train",
    "step2_generate_pseudo_labels": "--img_path --gpu --pretrained_MoFA",
    "step3_pretrain_unet": f"{COMMON} --pretrained_model_train",
    "step4_joint_em": f"{COMMON} --pretrained_model",
    "adapt": f"{COMMON} --pretrained_model --output_name",
    "test": "--img_path --test_path --save_path --gpu --pretrained_model_test --test_mode --landmark_list_name",
}


def test_every_script_is_listed():
    assert {path.stem for path in STEPS.glob("*.py")} == set(FLAGS)


@pytest.mark.parametrize("script", FLAGS)
def test_a_script_knows_the_reference_s_flags(script, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [f"{script}.py", "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(STEPS / f"{script}.py"), run_name="__main__")
    assert ended.value.code == 0
    known = {word.strip(",[]|").replace("-", "_") for word in capsys.readouterr().out.split() if word[0] in "-["}
    assert {flag.replace("-", "_") for flag in FLAGS[script].split()} <= known
