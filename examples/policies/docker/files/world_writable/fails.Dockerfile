FROM alpine:3.20
RUN mkdir /app && chmod 777 /app
USER 10001
