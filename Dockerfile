# The control plane: api, worker, reaper, socket-proxy, firewall, cli and mcp are commands of this one image.
# Built by scripts/build-control-plane.sh, which makes the base (Debian, Node 24, npm, trusted CAs) first.
ARG BASE=sandboxed/node:24

FROM ${BASE} AS bundle
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
COPY apps/api/package.json apps/api/
COPY apps/worker/package.json apps/worker/
COPY apps/reaper/package.json apps/reaper/
COPY apps/socket-proxy/package.json apps/socket-proxy/
COPY apps/cli/package.json apps/cli/
COPY apps/mcp/package.json apps/mcp/
COPY apps/client/package.json apps/client/
COPY apps/console/package.json apps/console/
COPY libs/agent/package.json libs/agent/
COPY libs/coding-agents/package.json libs/coding-agents/
COPY libs/computesdk/package.json libs/computesdk/
COPY libs/docker/package.json libs/docker/
COPY libs/domain/package.json libs/domain/
COPY libs/files/package.json libs/files/
COPY libs/jobs/package.json libs/jobs/
COPY libs/queue/package.json libs/queue/
COPY libs/runtime/package.json libs/runtime/
COPY libs/sdk/package.json libs/sdk/
COPY libs/store/package.json libs/store/
COPY e2e/package.json e2e/
COPY bench/package.json bench/
ARG NPM_CONFIG_REGISTRY=
RUN if [ -z "$NPM_CONFIG_REGISTRY" ]; then unset NPM_CONFIG_REGISTRY; fi \
    && npm install --no-save --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
COPY scripts/bundle.mjs scripts/bundle-agent.mjs scripts/left-out.mjs scripts/lazy.mjs scripts/loaded-late.mjs scripts/third-party.mjs scripts/
COPY tsconfig.base.json ./
COPY apps apps
COPY libs libs
RUN node scripts/bundle.mjs

FROM ${BASE}
RUN apt-get update \
    && apt-get install --yes --no-install-recommends iptables nftables \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
WORKDIR /app
COPY --from=bundle /src/node_modules/better-sqlite3 node_modules/better-sqlite3
COPY --from=bundle /src/dist/docs dist/docs
COPY --from=bundle /src/dist/console dist/console
COPY --from=bundle /src/node_modules/@bull-board/ui node_modules/@bull-board/ui
COPY --from=bundle /src/dist/api.mjs /src/dist/bull-board.mjs /src/dist/pretty-log.mjs /src/dist/open-telemetry.mjs /src/dist/worker.mjs /src/dist/reaper.mjs /src/dist/socket-proxy.mjs /src/dist/cli.mjs /src/dist/mcp.mjs /src/dist/sandboxed.mjs /src/dist/THIRD_PARTY_LICENSES.txt dist/
COPY --from=bundle /src/dist/agent.cjs /opt/sandboxed-agent/agent.cjs
COPY --from=bundle /src/node_modules/@lydell/node-pty-linux-*/pty.node /opt/sandboxed-agent/pty.node
COPY templates /opt/sandboxed-agent/templates
# What is mounted into sandboxes: the worker copies it into the data directory.
RUN ln -s /usr/local/bin/node /opt/sandboxed-agent/node
COPY firewall/firewall.sh /app/firewall.sh
# One arena of the C library for all threads: a process holds 3 to 8 MB less.
ENV NODE_ENV=production MALLOC_ARENA_MAX=1
CMD ["node", "/app/dist/api.mjs"]
