# SPDX-License-Identifier: Apache-2.0
# Third-party libraries, all found by pkg-config under the names Debian gives them.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl>=7.86)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET openssl>=3)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8>=10.34)
pkg_check_modules(CRYPT REQUIRED IMPORTED_TARGET libxcrypt)
find_package(Wslay REQUIRED)
set(VCLUSTER_DEPENDENCIES PkgConfig::CURL PkgConfig::YAML PkgConfig::CJSON PkgConfig::OPENSSL
  PkgConfig::ZLIB PkgConfig::CRYPT PkgConfig::PCRE2 Wslay::Wslay Threads::Threads m)
