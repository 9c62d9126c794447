# Debian's NetworkManager on a client, without systemd: sh networkmanager.sh DIRECTORY
# It runs in a mount namespace of its own (unshare --mount), so nothing of this is seen outside.
# The directory holds nm.conf and bus.conf; the bus listens in it, too.
set -eu
directory=$1

# a /run of its own, so that it finds no trace of the machine's own NetworkManager, udev or systemd;
# a lab in a user namespace keeps /etc there
mkdir "$directory/run"
mount -t tmpfs -o mode=755 tmpfs "$directory/run"
mkdir "$directory/run/NetworkManager"
if [ -d /run/etc ]; then
  mkdir "$directory/run/etc"
  mount --rbind /run/etc "$directory/run/etc"
fi
mount -n --move "$directory/run" /run
mount -t tmpfs -o mode=755 tmpfs /var/lib/NetworkManager
# with a writable /sys it would wait for udev to name each link
mount -o remount,bind,ro /sys

export DBUS_SYSTEM_BUS_ADDRESS="unix:path=$directory/bus"
dbus-daemon --config-file="$directory/bus.conf" --nofork --nopidfile --print-address >"$directory/bus.ready" &
while [ ! -s "$directory/bus.ready" ]; do
  kill -0 $! # the bus ended: so do we
  sleep 0.02
done
exec NetworkManager --no-daemon --config="$directory/nm.conf" --config-dir="$directory/none" \
  --system-config-dir="$directory/none" --intern-config="$directory/intern.conf" --state-file="$directory/state"
