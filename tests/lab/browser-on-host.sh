#!/bin/sh
# What Playwright is told is the browser: the real one, on a host of the lab. The pipes by which
# Playwright drives Chromium (file descriptors 3 and 4) are passed on.
exec ip netns exec "${LAB_NAMESPACE:?}" "${LAB_BROWSER:?}" "$@"
