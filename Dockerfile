FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o /fieldbot ./cmd/fieldbot && mkdir /data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /fieldbot /fieldbot
COPY --from=build --chown=nonroot:nonroot /data /data
ENV DATA_DIR=/data
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/fieldbot"]
CMD ["serve"]
