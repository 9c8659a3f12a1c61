FROM ubuntu:24.04
RUN sudo mkdir /data
USER 10001
