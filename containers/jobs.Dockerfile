# bestiary-jobs: prepare, backbone, train, evaluate and monitor; docs/containers.md says how it is built.
ARG BASE_IMAGE=python:3.11-slim-bookworm

FROM ${BASE_IMAGE} AS packages
ARG REQUIREMENTS=requirements/jobs-cpu.txt
# Where packages come from is the builder's business; pip reads these, and nothing of them is left.
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
COPY containers/image /opt/image
COPY ${REQUIREMENTS} /tmp/requirements.txt
RUN /opt/image/install /tmp/requirements.txt

FROM packages AS code
COPY containers/sitecustomize.py /opt/bestiary/code/
COPY bestiary /opt/bestiary/code/bestiary
COPY training_scripts /opt/bestiary/code/training_scripts
RUN /opt/image/freeze /opt/bestiary

FROM ${BASE_IMAGE} AS system
COPY containers/image /opt/image
RUN /opt/image/strip

FROM system AS bill
ARG VERSION=0.0.0
COPY --from=packages /opt/venv /opt/venv
COPY containers/bill_of_materials.py /
RUN /opt/venv/bin/python /bill_of_materials.py bestiary-jobs ${VERSION} /sbom.json

FROM scratch
COPY --from=system / /
COPY --from=packages /opt/venv /opt/venv
COPY --from=code /opt/bestiary /opt/bestiary
COPY --from=bill /sbom.json /opt/bestiary/sbom.json
ARG VERSION=0.0.0
ARG COMMIT=
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONPATH=/opt/bestiary/code \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    LANG=C.UTF-8 \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    BESTIARY_COMMIT=${COMMIT}
LABEL org.opencontainers.image.title=bestiary-jobs \
      org.opencontainers.image.version=${VERSION} \
      org.opencontainers.image.revision=${COMMIT} \
      bestiary.sbom=/opt/bestiary/sbom.json
WORKDIR /opt/bestiary/code
# No USER: SageMaker runs containers as root, and /opt/ml is root's. The programs run as any user.
ENTRYPOINT ["python", "-m", "training_scripts.train"]
