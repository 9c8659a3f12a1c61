FROM alpine:3.20
COPY app /app
USER 10001:10001
CMD ["/app"]
