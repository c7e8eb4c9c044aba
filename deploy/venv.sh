# Shared by ./run and ./test: find a Python, make a virtual environment from locked, hashed requirements.
# Sourced with the repository root as working directory; sets PYTHON.

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "This needs an administrator: $*"
  fi
}

apt_install() {
  local said
  command -v apt-get >/dev/null || fail "Install $* with this system's package manager, then run this again."
  say "Installing $* from the distribution …"
  said=$(as_root apt-get update -qq 2>&1 && as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq -y --no-install-recommends "$@" 2>&1 </dev/null) || { say "$said"; fail "Could not install $* (see above)."; }
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  local candidate
  for try in 1 2; do
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 /usr/bin/python3}; do
      if new_enough "$candidate"; then PYTHON=$(command -v "$candidate"); break 2; fi
    done
    [ -z "${PYTHON:-}" ] || fail "PYTHON=$PYTHON is not Python 3.11 or newer."
    command -v python3 >/dev/null || [ "$try" = 2 ] || { apt_install python3 python3-venv; continue; }
    fail "Jinlin needs Python 3.11 or newer; this machine has $(python3 --version 2>&1 || echo none). Debian 12 and Ubuntu 24.04 bring one."
  done
  "$PYTHON" -c 'import venv, ensurepip' 2>/dev/null ||
    apt_install "$("$PYTHON" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')"
}

# make_venv LINK REQUIREMENTS: a new one when the requirements, the Python or the place changed. It is made aside, so
# that what runs keeps its own, and an interrupted or failed start leaves the old one in place.
make_venv() {
  local link=$1 requirements=$2 stamp venv
  mkdir -p "$(dirname "$link")"
  stamp=$({ cat "$requirements"; echo "$PWD"; "$PYTHON" -c 'import sys; print(sys.executable, *sys.version_info[:3])'; } | sha256sum | cut -c -12)
  venv=$link.$stamp
  if [ ! -e "$venv/complete" ]; then
    exec 9>"$link.lock"
    flock -n 9 || { say "Waiting for another start that is preparing $venv …"; flock 9; }
    [ -e "$venv/complete" ] || fill_venv "$venv" "$requirements"
    exec 9>&-
  fi
  if [ "$(readlink "$link")" != "${venv##*/}" ]; then
    [ -L "$link" ] || rm -rf "$link"
    ln -sfn "${venv##*/}" "$link"
    # The two newest stay: this one, and what may still be running.
    ls -dt "$link".*/ | tail -n +3 | xargs -r rm -rf
  fi
}

fill_venv() {
  local venv=$1 requirements=$2 log=$1.log
  say "Preparing $venv with $("$PYTHON" --version) …"
  rm -rf "$venv"
  "$PYTHON" -m venv "$venv" 9>&-
  "$venv/bin/python" -m pip install --disable-pip-version-check --progress-bar off --require-hashes --no-deps \
    --only-binary :all: -r "$requirements" 2>&1 9>&- | tee "$log" | show_progress "$(grep -c '^[a-z].*==' "$requirements")" ||
    { tail -n 15 "$log" >&2; fail "The packages could not be installed; all of it is in $log"; }
  rm -f "$log"
  touch "$venv/complete"
}

# Turn pip's talk into one line that moves, or a line for every twentieth package where nobody watches.
show_progress() {
  local total=$1 count=0 line
  while IFS= read -r line; do
    case $line in
      Collecting*|Processing*)
        count=$((count + 1))
        if [ -t 2 ]; then printf '\r  package %d of %d: %-40.40s' "$count" "$total" "${line##*[ /]}" >&2
        elif [ $((count % 20)) = 0 ]; then say "  package $count of $total"
        fi ;;
      Installing*) if [ -t 2 ]; then printf '\r  %-60s\n' "unpacking $count packages …" >&2; else say "  unpacking $count packages …"; fi ;;
    esac
  done
}
