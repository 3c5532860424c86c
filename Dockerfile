# syntax=docker/dockerfile:1
# Pin the base when you build: `make image` asks the registry for the digest and passes it on.
ARG PYTHON_VERSION=3.11
ARG PYTHON_DIGEST=

FROM python:${PYTHON_VERSION}-bookworm${PYTHON_DIGEST:+@$PYTHON_DIGEST} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
RUN python -m venv /tools \
 && /tools/bin/pip install --quiet --require-hashes -r requirements-build.lock
# The one package without a wheel is built here, with pinned tools; everything else comes built.
RUN sed -n '/^font-roboto/,/[^\\]$/p' requirements.lock > source.txt \
 && sed '/^font-roboto/,/[^\\]$/d' requirements.lock > built.txt \
 && /tools/bin/pip wheel --quiet --require-hashes --no-deps --no-build-isolation --wheel-dir wheels -r source.txt
RUN python -m venv --without-pip /opt/quartermaster \
 && /tools/bin/pip --python /opt/quartermaster/bin/python install --quiet --require-hashes --no-compile --only-binary :all: -r built.txt \
 && /tools/bin/pip --python /opt/quartermaster/bin/python install --quiet --no-compile --no-deps --no-index wheels/*.whl
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY bot ./bot
COPY knowledge ./knowledge
RUN /tools/bin/pip wheel --quiet --no-deps --no-build-isolation --no-index --wheel-dir own . \
 && /tools/bin/pip --python /opt/quartermaster/bin/python install --quiet --no-compile --no-deps --no-index own/*.whl
# The interpreter, what it needs, and ours: no shell, no package manager, half the size.
COPY deploy/container/rootfs.py ./
RUN /opt/quartermaster/bin/python rootfs.py /rootfs /opt/quartermaster

FROM scratch
ARG VERSION=0.2.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Quartermaster" \
      org.opencontainers.image.description="Answers GPU-rental procurement questions in Slack and Microsoft Teams" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /rootfs /
ENV PATH=/opt/quartermaster/bin \
    HOME=/data \
    LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    QUARTERMASTER_DATA_DIR=/data \
    QUARTERMASTER_HOST=0.0.0.0 \
    QUARTERMASTER_PORT=3978
# Everything that is written goes here, or to /tmp (a tmpfs beside a read-only root).
VOLUME /data
WORKDIR /data
USER 10001:10001
EXPOSE 3978
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ['QUARTERMASTER_PORT']}/healthz\", timeout=4)"]
ENTRYPOINT ["quartermaster"]
CMD ["serve"]
