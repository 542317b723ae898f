# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Source this: install_packages NAME... installs the Debian packages that are missing, and asks for nothing else.

missing_packages() {
    local name
    for name in "$@"; do
        dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed || printf '%s\n' "$name"
    done
}

# The package lists are fetched only where apt does not know a name yet.
packages_are_known() {
    local name
    for name in "$@"; do
        apt-cache show --no-all-versions "$name" >/dev/null 2>&1 || return 1
    done
}

install_packages() {
    local missing
    if ! command -v apt-get >/dev/null; then
        echo "packages: this is not Debian; make sure that you have: $*" >&2
        return 0
    fi
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ]; then
        echo "packages: not root; please run: apt-get install ${missing[*]}" >&2
        return 1
    fi
    echo "packages: installing ${missing[*]}" >&2
    packages_are_known "${missing[@]}" || apt-get update -qq || return 1
    apt_install "${missing[@]}" || { apt-get update -qq && apt_install "${missing[@]}"; }
}

apt_install() {
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends "$@" >/dev/null
}
