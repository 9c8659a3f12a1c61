FROM registry.example.com/base/fedora:42.0
RUN apt-get update && apt-get install -y nginx
USER 1000
