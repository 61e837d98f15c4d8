#!/bin/sh
# An arm64 Java runtime for tests under qemu: build/arm64-root.sh DIR
# Unpacks Debian's packages of OpenJDK and the C libraries into DIR; nothing is installed. Needs
# debootstrap and qemu-user-static (Debian). Then: LATHE_ARM64_ROOT=DIR ./lathe test --all device-farm
set -eu
if [ $# -ne 1 ]; then
  sed -n '2,4s/^# //p' "$0" >&2
  exit 2
fi
mkdir -p "$1"
root=$(cd "$1" && pwd)
packages=$(mktemp -d)
trap 'rm -rf "$packages"' EXIT
debootstrap --arch=arm64 --foreign --variant=minbase --include=openjdk-25-jre-headless \
  trixie "$packages/debs" http://deb.debian.org/debian >"$packages/log" 2>&1 || {
  echo "arm64-root: the packages could not be fetched:" >&2
  tail -n 3 "$packages/log" >&2
  exit 1
}
for deb in "$packages"/debs/var/cache/apt/archives/*.deb; do
  case ${deb##*/} in
    openjdk-25-jre-headless_* | libc6_* | libstdc++6_* | libgcc-s1_* | zlib1g_*) dpkg-deb -x "$deb" "$root" ;;
  esac
done
# Debian's runtime has its configuration in /etc: what is there is this machine's.
find "$root/usr/lib/jvm/" -type l -lname '/etc/*' | while read -r link; do
  target=$(readlink "$link")
  rm "$link"
  [ ! -e "$root$target" ] || cp -r "$root$target" "$link"
done
# ONNX Runtime reads what an arm64 kernel tells of its processors; qemu shows this machine's kernel.
mkdir -p "$root/proc"
: >"$root/proc/cpuinfo"
for processor in 0 1; do
  printf 'processor\t: %d\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0xd08\nCPU revision\t: 3\n\n' \
    "$processor" >>"$root/proc/cpuinfo"
done
printf 'model name\t: Cortex-A72, emulated by qemu-aarch64\n' >>"$root/proc/cpuinfo"
[ -e "$root/lib" ] || ln -s usr/lib "$root/lib"
qemu-aarch64-static -L "$root" "$root"/usr/lib/jvm/java-25-openjdk-arm64/bin/java -Xint -version
