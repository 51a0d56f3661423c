# bestiary-serving: what an endpoint and a batch transform run; docs/containers.md says how it is built.
ARG BASE_IMAGE=python:3.11-slim-bookworm

FROM ${BASE_IMAGE} AS packages
ARG REQUIREMENTS=requirements/serving-cpu.txt
# Where packages come from is the builder's business; pip reads these, and nothing of them is left.
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
COPY containers/image /opt/image
COPY ${REQUIREMENTS} /tmp/requirements.txt
RUN /opt/image/install /tmp/requirements.txt

FROM packages AS code
COPY containers/sitecustomize.py /opt/bestiary/code/
COPY bestiary /opt/bestiary/code/bestiary
COPY inference /opt/bestiary/code/inference
RUN /opt/image/freeze /opt/bestiary

FROM ${BASE_IMAGE} AS system
COPY containers/image /opt/image
RUN /opt/image/strip

FROM system AS bill
ARG VERSION=0.0.0
COPY --from=packages /opt/venv /opt/venv
COPY containers/bill_of_materials.py /
RUN /opt/venv/bin/python /bill_of_materials.py bestiary-serving ${VERSION} /sbom.json

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
LABEL org.opencontainers.image.title=bestiary-serving \
      org.opencontainers.image.version=${VERSION} \
      org.opencontainers.image.revision=${COMMIT} \
      bestiary.sbom=/opt/bestiary/sbom.json \
      com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true \
      com.amazonaws.sagemaker.capabilities.multi-models=false
WORKDIR /opt/bestiary/code
EXPOSE 8080
# No USER: SageMaker runs containers as root and adds the argument "serve". The program runs as any user.
ENTRYPOINT ["python", "-m", "inference.serve"]
