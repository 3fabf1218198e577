#!/bin/sh
# Makes (or mends) a virtual environment with imgscan in it: the one way to install, used by the Makefile, by CI and by
# the Dockerfile.   usage: scripts/install.sh VENV [runtime|development]
# PYTHON names the interpreter (default python3, 3.11 or newer). Run from the project's folder.
set -eu

venv=$1
set_=${2:-runtime}
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "imgscan needs Python 3.11 or newer; $python is $("$python" -V 2>&1)." >&2
    echo "Name another one: make install PYTHON=python3.12" >&2
    exit 1
}
if [ ! -x "$venv/bin/pip" ]; then
    "$python" -m venv "$venv" || {
        echo "The environment $venv could not be made. On Debian or Ubuntu: apt-get install python3-venv" >&2
        exit 1
    }
fi

# --no-deps: the lock is complete, and paddlex's own pin of OpenCV is overridden in it on purpose (docs/design.md).
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1
"$venv/bin/pip" install --quiet --no-deps --require-hashes -r "requirements/$set_.txt"
"$venv/bin/pip" install --quiet --no-deps --no-build-isolation --editable .
