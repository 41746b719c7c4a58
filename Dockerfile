# Two stages: packages with their hashes checked, then only what runs. No root, no compiler, no package manager's cache in the image.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/kerneeffekt
ENV PATH=/opt/kerneeffekt/bin:$PATH
WORKDIR /src
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY models models
COPY outcomes outcomes
COPY pipelines pipelines
COPY streams streams
COPY dashboard dashboard
COPY config config
RUN pip install --no-deps . && python -m compileall -q /opt/kerneeffekt

FROM ${PYTHON_IMAGE}
ENV PATH=/opt/kerneeffekt/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 GX_ANALYTICS_ENABLED=false HOME=/tmp
# A fixed number, so that volumes keep their owner from one image to the next.
RUN groupadd --gid 10001 kerneeffekt && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin kerneeffekt \
    && install -d -o 10001 -g 10001 -m 0700 /store && install -d -o 10001 -g 10001 -m 0755 /published \
    && install -d -o 10001 -g 10001 -m 0700 /access && install -d -o 10001 -g 10001 -m 0700 /backups
COPY --from=build /opt/kerneeffekt /opt/kerneeffekt
COPY config/demo /catalogue
USER 10001:10001
ENV KERNEEFFEKT_CATALOGUE=/catalogue KERNEEFFEKT_STORE=/store KERNEEFFEKT_PUBLISHED=/published
VOLUME ["/store", "/published", "/access"]
ENTRYPOINT ["kerneeffekt"]
CMD ["--help"]
