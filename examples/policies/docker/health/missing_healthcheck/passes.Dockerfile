FROM alpine:3.20
HEALTHCHECK CMD ["/app", "--health"]
CMD ["/app"]
