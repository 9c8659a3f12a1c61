FROM registry.example.com/base/go:1.26.1 AS build
RUN make

FROM registry.example.com/base/run:3.22.0 AS build
COPY --from=build /app /app
USER 1000
