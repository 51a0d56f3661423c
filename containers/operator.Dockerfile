# bestiary-operator: approves and deploys a version in the account; docs/containers.md says how it is built.
ARG BASE_IMAGE=python:3.11-slim-bookworm

FROM ${BASE_IMAGE} AS packages
ARG REQUIREMENTS=requirements/operator.txt
# Where packages come from is the builder's business; pip reads these, and nothing of them is left.
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
COPY containers/image /opt/image
COPY ${REQUIREMENTS} /tmp/requirements.txt
RUN /opt/image/install /tmp/requirements.txt

FROM packages AS code
COPY containers/sitecustomize.py /opt/bestiary/code/
COPY bestiary /opt/bestiary/code/bestiary
COPY pipelines /opt/bestiary/code/pipelines
COPY infra /opt/bestiary/code/infra
RUN /opt/image/freeze /opt/bestiary

FROM ${BASE_IMAGE} AS system
COPY containers/image /opt/image
RUN /opt/image/strip

FROM system AS bill
ARG VERSION=0.0.0
COPY --from=packages /opt/venv /opt/venv
COPY containers/bill_of_materials.py /
RUN /opt/venv/bin/python /bill_of_materials.py bestiary-operator ${VERSION} /sbom.json

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
    BESTIARY_COMMIT=${COMMIT}
LABEL org.opencontainers.image.title=bestiary-operator \
      org.opencontainers.image.version=${VERSION} \
      org.opencontainers.image.revision=${COMMIT} \
      bestiary.sbom=/opt/bestiary/sbom.json
WORKDIR /opt/bestiary/code
# No USER: SageMaker runs containers as root, and /opt/ml is root's. The program runs as any user.
ENTRYPOINT ["python", "-m", "pipelines.promote"]
