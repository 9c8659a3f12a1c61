#!/usr/bin/env bash
# Builds the binary that is released: build.sh TARGET, with the Rust of rust-version and the profile dist. The Linux targets are
# static; on Debian and Ubuntu the C compiler for musl is installed.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=$1
version=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
# Installing a toolchain again replaces its files, and other builds may be using them.
rustup run "$version" rustc --version || rustup toolchain install "$version" --profile minimal --no-self-update
rustup target list --toolchain "$version" --installed | grep -qxF "$target" ||
    rustup target add "$target" --toolchain "$version"
case $target in
    *-linux-musl)
        if ! command -v musl-gcc >/dev/null; then
            root=()
            [ "$(id -u)" = 0 ] || root=(sudo)
            "${root[@]}" apt-get update -q
            "${root[@]}" apt-get install -y -q --no-install-recommends musl-tools
        fi
        ;;
    *-windows-msvc) export RUSTFLAGS='-C target-feature=+crt-static' ;;
esac
cargo "+$version" build --profile dist --locked --target "$target" --package kpolicy --bin kpolicy
