# docker build -t focusfit .
# docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/data" focusfit reconstruct photo.jpg --out out
#
# --user: results are written into your folder, as you. Rootless docker and podman take --user 0:0 instead, which is
# you there.
#
# Without a GPU, the image is several GB smaller with
# docker build --build-arg PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu -t focusfit .
FROM python:3.11-slim
ARG PIP_EXTRA_INDEX_URL

# What OpenCV links to and slim images lack.
RUN apt-get update && apt-get install --yes --no-install-recommends libgl1 libglib2.0-0 libxcb1 && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/focusfit
COPY pyproject.toml README.md LICENSE THIRD_PARTY.md ./
COPY focusfit focusfit
RUN python -m pip install --no-cache-dir .

# The model files, so that the container needs no network.
ENV FOCUSFIT_CACHE=/opt/focusfit-cache
RUN focusfit assets fetch

# Whoever the container runs as, also a user it has no name for, has a home, a name, the model files and /data.
ENV HOME=/tmp USER=focusfit
RUN useradd --home-dir /tmp focusfit && mkdir /data && chmod -R a+rwX /data /opt/focusfit-cache
USER focusfit
WORKDIR /data
ENTRYPOINT ["focusfit"]
CMD ["--help"]
