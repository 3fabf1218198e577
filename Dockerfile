# imgscan in a container that needs no network and no writable root:
#   docker build -t imgscan .
#   docker run --rm --network none --read-only --tmpfs /tmp -v imgscan-data:/data -v /path/to/album:/album:ro imgscan scan /album
FROM python:3.11-slim-bookworm AS build
# OpenCV's wheel needs these two at run time; they are copied by installing them in both stages.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/imgscan
COPY requirements/runtime.txt requirements/runtime.txt
COPY scripts/install.sh scripts/install.sh
COPY pyproject.toml README.md LICENSE ./
COPY imgscan imgscan
COPY api api
COPY models models
COPY rules rules
RUN scripts/install.sh .venv runtime && \
    IMGSCAN_HOME=/tmp/build IMGSCAN_WEIGHTS=/opt/imgscan/weights .venv/bin/imgscan weights install && \
    chmod -R a+rX /opt/imgscan && rm -rf /tmp/build

FROM python:3.11-slim-bookworm
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --uid 10001 --create-home --shell /usr/sbin/nologin imgscan && \
    install -d -o imgscan -m 0700 /data
COPY --from=build /opt/imgscan /opt/imgscan
ENV IMGSCAN_HOME=/data \
    IMGSCAN_WEIGHTS=/opt/imgscan/weights \
    PYTHONDONTWRITEBYTECODE=1
USER 10001
VOLUME /data
WORKDIR /data
ENTRYPOINT ["/opt/imgscan/.venv/bin/imgscan"]
CMD ["--help"]
