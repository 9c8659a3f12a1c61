FROM registry.example.com/base/fedora:42.0
RUN apt update && apt install -y nginx
USER 1000
