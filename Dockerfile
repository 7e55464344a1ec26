# syntax=docker/dockerfile:1

# Both programs in one image from scratch: static, not root, without a shell. Time zones and certificate
# authorities are compiled in.
#   docker build -t rollcall .
#   docker run --rm rollcall version
#   docker run --rm --entrypoint rollcall-producer rollcall help
# The version comes from git by way of Go's build information, so build from a clone.

FROM --platform=$BUILDPLATFORM golang:1.26.8-bookworm@sha256:a688600ca24f8a4d3ca77f95b0dd40704a9fc787c826660eb7ba0b641b8b175d AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG TARGETOS TARGETARCH
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    export CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH && \
    go build -trimpath -tags=grpcnotrace,nethttpomithttp2 -ldflags='-s -w -funcalign=16' -o /out/rollcall-worker ./worker && \
    go build -trimpath -tags=grpcnotrace,nethttpomithttp2 -ldflags='-s -w -funcalign=16' -o /out/rollcall-producer ./producer
# What the programs write to: uploads are spooled in /tmp, and /run/rollcall is for the key of the first start.
RUN mkdir -p /own/tmp /own/run/rollcall

FROM scratch
COPY --from=build /out/ /usr/bin/
COPY --from=build --chown=65532:65532 /own/ /
ENV PATH=/usr/bin
USER 65532:65532
# /healthz answers while the process works; /readyz asks Redis too, and is for whatever routes to it.
# `rollcall-producer serve` answers here with --health 127.0.0.1:9090.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s CMD ["/usr/bin/rollcall-worker", "health"]
# 9090: health checks and metrics, for other containers with --listen :9090.
EXPOSE 9090
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/rollcall-worker"]
CMD ["run"]
