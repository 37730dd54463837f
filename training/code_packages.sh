#!/bin/sh
# Fetches the packages that `code_corpus.py` takes code from, by their registries' own clients, and unpacks them:
#   sh code_packages.sh FOLDER PIP        # PIP: a pip, such as VENV/bin/pip; also needs npm, apt-get and dpkg-deb
set -eu
folder=$1 pip=$2
mkdir -p "$folder/files" "$folder/unpacked"
cd "$folder/files"
for package in ace-builds@1.45.2 codemirror@5.65.16 highlight.js@11.12.0 react-native@0.72.17 react-native-windows@0.74.59 \
  tree-sitter-jq@1.0.2 tree-sitter-cobol@0.0.1; do
  npm pack --silent "$package"
done
for package in erlang-src fpc-source-3.2.2 php-symfony-console php-symfony-http-kernel lua-penlight lua-socket libruby3.1 \
  golang-github-spf13-cobra-dev golang-github-gorilla-mux-dev golang-github-prometheus-client-golang-dev \
  golang-golang-x-net-dev r-cran-rcpp octave-common perl-modules-5.36; do
  apt-get download -q "$package"
done
"$pip" download -q --no-deps -d . Mathics3==10.0.1 ansible==12.3.0 numpy==2.4.6 Django==5.2
"$pip" download -q --no-deps --no-binary :all: -d . pygments==2.21.0 pythonnet==3.2.1 ansible-core==2.19.14
for file in *; do
  into=../unpacked/${file%%_*}
  mkdir -p "$into"
  case $file in
    *.tgz | *.tar.gz) tar xzf "$file" -C "$into" ;;
    *.whl) python3 -m zipfile -e "$file" "$into" ;;
    *.deb) dpkg-deb -x "$file" "$into" ;;
  esac
done
