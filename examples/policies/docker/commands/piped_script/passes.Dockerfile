FROM alpine:3.20
COPY install.sh /tmp/
RUN sh /tmp/install.sh
USER 10001
