# syntax=docker/dockerfile:1

# Both programs in one image: static, not root, without a shell.
#   docker build -t rollcall .
#   docker run --rm rollcall version
#   docker run --rm --entrypoint rollcall-producer rollcall help
# The version comes from git by way of Go's build information, so build from a clone.

FROM --platform=$BUILDPLATFORM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG TARGETOS TARGETARCH
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    export CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH && \
    go build -trimpath -ldflags='-s -w' -o /out/rollcall-worker ./worker && \
    go build -trimpath -ldflags='-s -w' -o /out/rollcall-producer ./producer

# For the health check alone: the last image has nothing else that could ask.
FROM busybox:1.37.0-musl AS probe

# It brings CA certificates, and the user nonroot (65532). Time zones are compiled in.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=probe /bin/wget /usr/bin/wget
COPY --from=build /out/ /usr/bin/
# /healthz answers while the process works; /readyz asks Redis too, and is for whoever routes to it.
# `rollcall-producer serve` answers here with --health 127.0.0.1:9090.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
    CMD ["/usr/bin/wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9090/healthz"]
# 9090: health checks and metrics, for other containers with --listen :9090.
EXPOSE 9090
STOPSIGNAL SIGTERM
ENTRYPOINT ["rollcall-worker"]
CMD ["run"]
