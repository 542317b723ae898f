# SPDX-License-Identifier: Apache-2.0
"""The generated module. Private: its names and arguments change with the C library."""
