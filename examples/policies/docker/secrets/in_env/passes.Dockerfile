FROM alpine:3.20
ENV DB_USER=shop DB_PASSWORD_FILE=/run/secrets/db
USER 10001
