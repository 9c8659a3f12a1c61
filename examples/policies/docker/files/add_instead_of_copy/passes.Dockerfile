FROM alpine:3.20
COPY app /app
ADD rootfs.tar.gz /
USER 10001
