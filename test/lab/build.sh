# build.sh: everything that is made before a lab can start. Sourced by ./lab; every step is skipped when its inputs
# have not changed.

K8S=${LAB_K8S:-1.31.4 1.32.2 1.32.5}
# Those that these versions run, and the one whose etcdctl is in rke-tools.
ETCD=$({
  for v in $K8S; do jq -r --arg v "v$v-rancher1-1" '.clusters[$v] // [] | .[]' "$LAB/images.json" 2>/dev/null | sed -n 's/.*etcd:v//p'; done
  echo 3.5.16
} | sort -u)
ENGINES=${LAB_ENGINES:-bookworm}

# The go command writes to module files by default; a lab must be built from exactly what is committed.
# Tags that only one program needs are there for all: package net would differ by them, and with it everything above it be compiled twice.
export GOFLAGS='-mod=readonly -trimpath -tags=netgo,osusergo' GOTOOLCHAIN=local

# overlay: our binaries add the seconds found in /etc/kubernetes/.lab-clock to the wall clock (see `lab node skew-clock`).
overlay() {
  local root out=$LAB_HOME/clock
  root=$(go env GOROOT) && mkdir -p "$out"
  sed 's/^\tsec, nsec, mono := runtimeNow()$/&\n\tsec += labSkew/' "$root/src/time/time.go" >"$out/time.go"
  grep -q labSkew "$out/time.go" || die "Cannot add the clock offset: $root/src/time/time.go has changed"
  cat >"$out/overlay.json" <<J
{"Replace": {"$root/src/time/time.go": "$out/time.go", "$root/src/time/lab.go": "$LAB/go/clock/lab.go"}}
J
}

# binary NAME FOLDER MODFILE PACKAGE [LDFLAGS]: $LAB_HOME/bin/NAME, static unless CGO_ENABLED=1 is set.
binary() {
  local name=$1 dir=$LAB/go/$2 mod=$3 package=$4 key out=$LAB_HOME/bin/$1
  key=$(cd "$dir" && { go version; echo "$@" "${CGO_ENABLED:-}"; cat "$LAB/go/clock/lab.go" "$mod" "${mod%.mod}.sum"; find . -name '*.go' | sort | xargs -r cat; } 2>/dev/null | sha256sum)
  [ -x "$out" ] && [ "$(cat "$out.key" 2>/dev/null)" = "$key" ] && return
  say "go build $name"
  # A compiler that seldom collects its garbage needs a tenth less of the processor.
  (cd "$dir" && GOGC=400 CGO_ENABLED=${CGO_ENABLED:-0} go build -overlay "$LAB_HOME/clock/overlay.json" -modfile="$mod" \
    -ldflags "-s -w ${5:-}" -o "$out.new" "$package") || die "Cannot build $name"
  mv "$out.new" "$out" && echo "$key" >"$out.key"
}

# fetch NAME FOLDER MODFILE PACKAGE: the modules that it is compiled from.
fetch() {
  [ -x "$LAB_HOME/bin/$1" ] || (cd "$LAB/go/$2" && CGO_ENABLED=${CGO_ENABLED:-0} go list -deps -modfile="$3" "$4" >/dev/null)
}

# programs COMMAND: calls it with NAME FOLDER MODFILE PACKAGE [LDFLAGS] of each.
programs() {
  local v p flags
  for p in runcw pause web nc prober rke-etcd-backup cluster-proportional-autoscaler; do "$1" $p own go.mod ./$p; done
  for v in $ETCD; do
    "$1" etcd-$v tools etcd-$v.mod go.etcd.io/etcd/server/v3
    for p in etcdctl etcdutl; do "$1" $p-$v tools etcd-$v.mod go.etcd.io/etcd/$p/v3; done
  done
  for p in ipam/host-local main/bridge main/loopback main/ptp meta/bandwidth meta/flannel meta/portmap; do
    "$1" cni-${p#*/} tools cni.mod github.com/containernetworking/plugins/plugins/$p
  done
  "$1" cri-dockerd tools kubernetes-1.29.mod github.com/Mirantis/cri-dockerd
  "$1" metrics-server tools kubernetes-1.29.mod sigs.k8s.io/metrics-server/cmd/metrics-server
  [ -n "${LAB_WITHOUT_S3:-}" ] || "$1" versitygw tools versitygw.mod github.com/versity/versitygw/cmd/versitygw
  for v in $K8S; do
    flags=
    for p in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
      flags+=" -X $p.gitVersion=v$v -X $p.gitMajor=1 -X $p.gitMinor=$(cut -d. -f2 <<<"$v") -X $p.gitTreeState=clean -X $p.gitCommit=lab"
    done
    "$1" hyperkube-$v hyperkube k$v.mod . "$flags"
  done
  # After Kubernetes 1.32.2, whose libraries they have.
  CGO_ENABLED=1 "$1" flannel tools flannel.mod github.com/flannel-io/flannel '-linkmode external -extldflags -static'
  "$1" coredns tools coredns.mod github.com/coredns/coredns
}

binaries() {
  mkdir -p "$LAB_HOME/bin" && overlay
  programs binary
}

IMAGE_PACKAGES=bash,ca-certificates,curl,jq,openssl,acl,iptables,ipset,conntrack,iproute2,ethtool,socat,procps,kmod,mount,util-linux,nginx-light,libnginx-mod-stream
NODE_PACKAGES=bash,ca-certificates,curl,jq,openssl,iptables,ipset,conntrack,iproute2,ethtool,socat,procps,kmod,nftables,iputils-ping,openssh-server,docker.io

# systems COMMAND: calls it with NAME SUITE PACKAGES of each Debian system.
systems() {
  local e
  "$1" base bookworm "$IMAGE_PACKAGES"
  for e in bookworm ${ENGINES//bookworm/}; do # the first also carries the registry
    case $e in
      bookworm) "$1" rootfs-$e $e "$NODE_PACKAGES,docker-registry" ;;
      *) "$1" rootfs-$e $e "$NODE_PACKAGES,docker-cli" ;;
    esac
  done
}

# tree NAME SUITE PACKAGES: a Debian system as a folder.
tree() {
  local name=$1 suite=$2 packages=$3 dir=$LAB_HOME/trees/$1
  [ "$(cat "$dir.is" 2>/dev/null)" = "$*" ] && return
  say "debootstrap $name ($suite)"
  umount -q "$dir"/{proc,sys} 2>/dev/null || true # of one that was killed
  rm -rf "$dir" && mkdir -p "$dir"
  debootstrap --variant=minbase --include="$packages" "$suite" "$dir" "$MIRROR" >"$LAB_HOME/debootstrap-$name.log" 2>&1 ||
    die "Cannot debootstrap $suite, see $LAB_HOME/debootstrap-$name.log"
  ln -sf bash "$dir/bin/sh" # RKE's scripts want echo -e from /bin/sh
  rm -rf "$dir"/var/cache/apt/* "$dir"/var/lib/apt/lists/* "$dir"/usr/share/{doc,man,locale} "$dir"/etc/machine-id
  echo "$*" >"$dir.is"
}

# ahead: what needs the network rather than a processor. It goes on beside the compiler, and what of it fails is tried again without it.
ahead() {
  mkdir -p "$LAB_HOME"
  (systems tree) &
  (programs fetch) &
  wait
}

# rootfs NAME SUITE PACKAGES: a Debian system as image lab/NAME.
rootfs() {
  local name=$1 key
  key=$(echo "$@" | sha256sum | cut -c1-16)
  [ "$(label "lab/$name")" = "$key" ] && return
  tree "$@"
  tar -C "$LAB_HOME/trees/$name" -c . | d import --change "LABEL lab.key=$key" - "lab/$name" >/dev/null
  rm -rf "$LAB_HOME/trees/$name" "$LAB_HOME/trees/$name.is"
}

label() { d image inspect -f '{{index .Config.Labels "lab.key"}}' "$1" 2>/dev/null || true; }

# image NAME FOLDER [BINARY[=PATH]]...: lab/NAME from images/FOLDER and binaries, with build arguments from $ARGS.
image() {
  local name=$1 folder=$2 ctx=$LAB_HOME/ctx/$1 key b
  shift 2
  key=$(cd "$LAB/images/$folder" && { echo "$@" "${ARGS:-}"; cat ./*; for b; do cat "$LAB_HOME/bin/${b%%=*}.key"; done; label lab/base; label "${ARGS#*=}"; } | sha256sum | cut -c1-16)
  [ "$(label "lab/$name")" = "$key" ] && return
  say "docker build lab/$name"
  rm -rf "$ctx" && mkdir -p "$ctx/cni" && cp -r "$LAB/images/$folder/." "$ctx/"
  for b; do cp "$LAB_HOME/bin/${b%%=*}" "$ctx/${b#*=}"; done
  # shellcheck disable=SC2086
  DOCKER_BUILDKIT=0 d build -q --network none --label "lab.key=$key" ${ARGS:+--build-arg $ARGS} -t "lab/$name" "$ctx" \
    >"$LAB_HOME/build.log" 2>&1 || die "Cannot build lab/$name: $(cat "$LAB_HOME/build.log")"
  rm -rf "$ctx"
}

images() {
  local v e cni
  cni=$(for v in host-local bridge loopback ptp bandwidth flannel portmap; do echo "cni-$v=cni/$v"; done)
  export ARGS=
  systems rootfs
  for v in $K8S; do image hyperkube-$v hyperkube hyperkube-$v=hyperkube; done
  for v in $ETCD; do image etcd-$v etcd etcd-$v=etcd etcdctl-$v=etcdctl etcdutl-$v=etcdutl; done
  image rke-tools rke-tools rke-etcd-backup cri-dockerd nc etcdctl-3.5.16=etcdctl
  image flannel-0.26.1 flannel flannel
  # shellcheck disable=SC2086
  image flannel-cni-0.9.1 flannel-cni $cni
  image coredns-1.11.3 coredns coredns
  image metrics-server-0.7.2 metrics-server metrics-server
  for v in pause web cluster-proportional-autoscaler; do image $v $v $v; done
  [ -n "${LAB_WITHOUT_S3:-}" ] || image versitygw versitygw versitygw
  for e in bookworm ${ENGINES//bookworm/}; do
    # shellcheck disable=SC2086
    ARGS=ROOTFS=lab/rootfs-$e image node-$e node runcw $cni
  done
}

# publish puts every image of images.json into the registry, under the name that a cluster asks for.
publish() {
  local wanted built id
  mkdir -p "$LAB_HOME/published"
  jq -r '.images | to_entries[] | "\(.key) \(.value)"' "$LAB/images.json" | while read -r wanted built; do
    id=$(d image inspect -f '{{.Id}}' "lab/$built" 2>/dev/null) || { say "not built, not published: $wanted"; continue; }
    [ "$(cat "$LAB_HOME/published/${wanted//\//_}" 2>/dev/null)" = "$id" ] && continue
    say "publish $wanted"
    d tag "$id" "$REGISTRY/$wanted" && d push -q "$REGISTRY/$wanted" >/dev/null
    echo "$id" >"$LAB_HOME/published/${wanted//\//_}"
  done
}

# seed pulls all images once, for each engine. New nodes get a copy of what that leaves: quicker than a pull on each of them.
seed() {
  local e wanted names=() new=$LAB_HOME/seeds/new
  while read -r wanted; do
    [ ! -e "$LAB_HOME/published/${wanted//\//_}" ] || names+=("$wanted")
  done < <(jq -r '.images | keys[]' "$LAB/images.json")
  for e in bookworm ${ENGINES//bookworm/}; do
    [ -d "$(seed_of "$e")" ] && continue
    say "pull all images once ($e)"
    d rm -f seed >/dev/null 2>&1 || true
    rm -rf "$new" "$LAB_HOME/seeds/$e-"* && mkdir -p "$new"
    d run --rm --name seed --network lab --privileged --cgroupns private --tmpfs /run:exec,mode=755 -v "$new:/var/lib/docker" \
      "lab/node-$e" bash -c 'registry=$1; shift
        dockerd --registry-mirror="http://$registry" --insecure-registry="$registry" --storage-driver=overlay2 --bridge=none --iptables=false &
        for _ in {1..100}; do docker info && break || sleep 0.2; done
        for name; do docker pull -q "$name" || exit 1; done
        kill %1; wait; rm -f /var/lib/docker/engine-id' - "$REGISTRY" "${names[@]}" >"$LAB_HOME/seed.log" 2>&1 ||
      die "Cannot pull the images, see $LAB_HOME/seed.log"
    mv "$new" "$(seed_of "$e")"
  done
}

seed_of() { # ENGINE: where the images lie that have been pulled for it, as they are published now
  echo "$LAB_HOME/seeds/$1-$(cd "$LAB_HOME/published" && tail -n +1 -- * | sha256sum | cut -c1-16)"
}
