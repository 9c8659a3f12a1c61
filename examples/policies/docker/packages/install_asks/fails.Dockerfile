FROM registry.example.com/base/fedora:42.0
RUN dnf install nginx
USER 1000
