#!/usr/bin/env bash
# Makes sure that the tests of the engine "webgpu" have a Vulkan driver: uses one that is there, installs Mesa's software driver where this may be
# done (root on Debian 12 with its backports: Debian's own Mesa is too old for Dawn), and otherwise says what to install.
# Fails only where KINOVOX_REQUIRE_GPU=1 asks for a driver, as in CI; elsewhere tests without an adapter are skipped, loudly.
set -u
for icd in ${VK_ICD_FILENAMES:-} /usr/share/vulkan/icd.d/*.json /etc/vulkan/icd.d/*.json; do
  [ -e "$icd" ] && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 && grep -q bookworm /etc/os-release 2>/dev/null; then
  echo "No Vulkan driver found: installing Mesa's software driver for the tests of the engine \"webgpu\" (about 60 MB, once)."
  export DEBIAN_FRONTEND=noninteractive
  printf 'Types: deb\nURIs: http://deb.debian.org/debian\nSuites: bookworm-backports\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' \
    > /etc/apt/sources.list.d/kinovox-backports.sources
  if apt-get update -qq >/dev/null 2>&1 && apt-get install -y -qq --no-install-recommends -t bookworm-backports mesa-vulkan-drivers libvulkan1 >/dev/null 2>&1; then
    exit 0
  fi
  rm -f /etc/apt/sources.list.d/kinovox-backports.sources
  echo "Installing the driver did not succeed; the tests of the engine \"webgpu\" will be skipped."
  [ "${KINOVOX_REQUIRE_GPU:-}" = 1 ] && exit 1
  exit 0
fi
echo "No Vulkan driver found: the tests of the engine \"webgpu\" (test/differential/webgpu.test.ts) will be skipped."
echo "To run them, install a driver (Debian, Ubuntu: mesa-vulkan-drivers of version 25 or later, and libvulkan1)."
[ "${KINOVOX_REQUIRE_GPU:-}" = 1 ] && exit 1
exit 0
