FROM ubuntu:24.04
RUN mkdir /data
USER 10001
