#!/usr/bin/env bash
# Makes sure that the browser tests have a Chromium: uses one that is there, installs Debian's where this may be done
# (root on Debian or Ubuntu), and otherwise says what to install. Never fails the test run: tests without a browser are skipped, loudly.
set -u
for candidate in "${KINOVOX_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
  [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "No Chromium found: installing Debian's for the browser tests (about 100 MB, once)."
  export DEBIAN_FRONTEND=noninteractive
  if apt-get update -qq >/dev/null 2>&1 && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null 2>&1 && command -v chromium >/dev/null 2>&1; then
    exit 0
  fi
  echo "Installing Chromium did not succeed; the browser tests will be skipped. Try: apt-get install chromium"
  exit 0
fi
echo "No Chromium found: the browser tests (test/browser) will be skipped."
echo "To run them, install Chromium (Debian, Ubuntu: sudo apt-get install chromium) or set KINOVOX_CHROMIUM to its path."
