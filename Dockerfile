# The images of the three servers: docker build --target gateway -t overworld/gateway:dev .
# Without Docker, make images makes the same ones. Go compiles for the other machine by itself (--platform), nothing is emulated.
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETARCH
ENV CGO_ENABLED=0 GOOS=linux
RUN GOARCH=$TARGETARCH go build -trimpath -ldflags '-s -w' -o /out/ ./cmd/operator ./cmd/mapserver ./cmd/gateway

FROM scratch AS operator
COPY --from=build /out/operator /operator
USER 65532:65532
ENTRYPOINT ["/operator"]

FROM scratch AS mapserver
COPY --from=build /out/mapserver /mapserver
USER 65532:65532
ENTRYPOINT ["/mapserver"]

FROM scratch AS gateway
COPY --from=build /out/gateway /gateway
USER 65532:65532
ENTRYPOINT ["/gateway"]
