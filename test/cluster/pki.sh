# Certificates and kubeconfigs of the test cluster (sourced by `up`). EC keys: made in milliseconds.

make_ca() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=test-cluster-ca \
    -keyout "$dir/pki/ca.key" -out "$dir/pki/ca.crt" 2>/dev/null
}

# make_certificate NAME SUBJECT SUBJECT_ALT_NAMES
make_certificate() {
  local file=$dir/pki/$1
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "$2" -keyout "$file.key" -out "$file.csr" 2>/dev/null
  openssl x509 -req -in "$file.csr" -CA "$dir/pki/ca.crt" -CAkey "$dir/pki/ca.key" -days 30 -out "$file.crt" \
    -set_serial "0x$(openssl rand -hex 8)" -extfile <(echo "subjectAltName=$3") 2>/dev/null
}

make_service_account_key() {
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out "$dir/pki/sa.key" 2>/dev/null
  openssl pkey -in "$dir/pki/sa.key" -pubout -out "$dir/pki/sa.pub"
}

# write_kubeconfig USER_FIELDS: prints a kubeconfig for this cluster; USER_FIELDS is a YAML flow mapping.
write_kubeconfig() {
  cat <<K
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "$server", certificate-authority: "$dir/pki/ca.crt"}}]
users: [{name: user, user: $1}]
contexts: [{name: test, context: {cluster: test, user: user}}]
current-context: test
K
}

# make_admin NAME: a client of group system:masters; its own name tells it apart in the audit log.
make_admin() {
  make_certificate "$1" "/O=system:masters/CN=$1" "DNS:$1"
  write_kubeconfig "{client-certificate: \"$dir/pki/$1.crt\", client-key: \"$dir/pki/$1.key\"}" >"$dir/pki/$1.kubeconfig"
}

# make_pki [ADMIN...]: everything the control plane needs, and admins of these names beside it.
make_pki() {
  local name
  make_ca
  make_certificate server /CN=kube-apiserver \
    "IP:127.0.0.1,IP:::1,IP:$address,IP:10.96.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc"
  make_service_account_key
  for name in admin kube-controller-manager kube-scheduler "$@"; do
    make_admin "$name"
  done
  cp "$dir/pki/admin.kubeconfig" "$dir/kubeconfig"
}
