# The failures that `fail` provokes, as kwok Stages (sourced). Each has weight 1: kwok plays it instead of any matching
# stage of weight 0, which are all those under stages/. A stage with an empty `next` keeps an object as it is.

# The same everywhere: a failure is named after its arguments, so that `unfail` finds it by the same ones.
failure_name() {
  local text
  text=$(IFS=.; echo "fail.$*")
  echo "${text//[^a-zA-Z0-9.-]/any}" | tr '[:upper:]' '[:lower:]'
}

# on_node NODE: the selector's line for pods of one node; none for '*'.
on_node() {
  [ "$1" = '*' ] || echo "    - {key: .spec.nodeName, operator: In, values: [\"$1\"]}"
}

# stage NAME KIND: the head of a stage, up to its list of expressions.
stage() {
  cat <<Y
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: $1, labels: {test-cluster: failure}}
spec:
  resourceRef: {apiGroup: v1, kind: $2}
  weight: 1
  selector:
    matchExpressions:
Y
}

living() {
  echo "    - {key: .metadata.deletionTimestamp, operator: DoesNotExist}"
}

# of_daemon_set NAMES: pods whose label app or k8s-app is one of NAMES.
of_daemon_set() {
  echo "    - {key: '.metadata.labels | (.app, .[\"k8s-app\"])', operator: In, values: [$1]}"
}

# Without "now" in it, so that playing it again changes nothing and kwok does not run in a circle.
pod_not_ready() {
  cat <<'Y'
  delay: {durationMilliseconds: 50}
  next:
    statusTemplate: |
      {{ $since := .metadata.creationTimestamp }}
      conditions:
      - {type: Initialized, status: "True", lastTransitionTime: {{ $since | Quote }}}
      - {type: Ready, status: "False", reason: ContainersNotReady, lastTransitionTime: {{ $since | Quote }}}
      - {type: ContainersReady, status: "False", reason: ContainersNotReady, lastTransitionTime: {{ $since | Quote }}}
      containerStatuses:
      {{ range .spec.containers }}
      - image: {{ .image | Quote }}
        imageID: ""
        name: {{ .name | Quote }}
        ready: false
        started: true
        restartCount: 0
        state: {running: {startedAt: {{ $since | Quote }}}}
      {{ end }}
      hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
      podIP: {{ or .status.podIP (PodIPWith .spec.nodeName (or .spec.hostNetwork false) "" "" "") | Quote }}
      phase: Running
      startTime: {{ or .status.startTime $since | Quote }}
Y
}

# not_ready NAME NODE DAEMON_SETS
not_ready() {
  stage "$1" Pod
  living
  on_node "$2"
  of_daemon_set "$3"
  pod_not_ready
}

# agent_pod OPERATION RUN: the running agent pods of an operation ('*' for any), of one run when RUN is not empty.
agent_pod() {
  living
  echo "    - {key: .status.phase, operator: In, values: [Running]}"
  echo "    - {key: '.metadata.labels[\"app.kubernetes.io/component\"]', operator: In, values: [agent]}"
  [ "$1" = '*' ] || echo "    - {key: '.metadata.labels[\"cni-migration.io/operation\"]', operator: In, values: [\"$1\"]}"
  [ -z "$2" ] || echo "    - {key: '.metadata.labels[\"cni-migration.io/run\"]', operator: In, values: [\"$2\"]}"
}

# agent_report RESULT REASON: ends an agent pod with exit code 1 and a report.
agent_report() {
  cat <<Y
  delay: {durationMilliseconds: 100}
  next:
    statusTemplate: |
      {{ \$result := "$1" }}
      {{ \$reason := "$2" }}
Y
  cat <<'Y'
      {{ $now := Now }}
      {{ $labels := .metadata.labels }}
      {{ $report := dict "apiVersion" "cni-migration.io/v1alpha1" "kind" "AgentReport" "node" .spec.nodeName
         "operation" (index $labels "cni-migration.io/operation") "run" (index $labels "cni-migration.io/run" | default "0" | int)
         "result" $result "reason" $reason "message" "simulated failure" "observed" dict }}
      containerStatuses:
      {{ range .spec.containers }}
      - image: {{ .image | Quote }}
        imageID: ""
        name: {{ .name | Quote }}
        ready: false
        restartCount: 0
        state:
          terminated:
            exitCode: 1
            reason: Error
            startedAt: {{ $now | Quote }}
            finishedAt: {{ $now | Quote }}
            message: {{ $report | toJson | Quote }}
      {{ end }}
      conditions:
      - {type: Ready, status: "False", reason: PodFailed, lastTransitionTime: {{ $now | Quote }}}
      - {type: ContainersReady, status: "False", reason: PodFailed, lastTransitionTime: {{ $now | Quote }}}
      phase: Failed
Y
}

# agent_ends NAME NODE OPERATION RUN RESULT REASON
agent_ends() {
  stage "$1" Pod
  on_node "$2"
  agent_pod "$3" "$4"
  agent_report "$5" "$6"
}

agent_hangs() {
  stage "$1" Pod
  on_node "$2"
  agent_pod "$3" "$4"
  echo "  next: {}"
}

# The agents' own pods are left out: their end is what other failures are about.
pod_terminating() {
  stage "$1" Pod
  on_node "$2"
  echo "    - {key: .metadata.deletionTimestamp, operator: Exists}"
  if [ -n "$3" ]; then
    echo "    - {key: .metadata.name, operator: In, values: [\"$3\"]}"
  else
    echo "    - {key: '.metadata.labels[\"app.kubernetes.io/component\"]', operator: NotIn, values: [agent]}"
  fi
  echo "  next: {}"
}

# The pull ends with an annotation, after which this stage matches no more and pod-ready goes on.
calico_image_pull() {
  stage "$1" Pod
  living
  on_node "$2"
  of_daemon_set calico-node
  cat <<Y
    - {key: .status.podIP, operator: DoesNotExist}
    - {key: '.metadata.annotations["test-cluster/image-pulled"]', operator: DoesNotExist}
  delay: {durationMilliseconds: $(($3 * 1000))}
  next:
    patches:
    - root: metadata
      type: merge
      template: '{annotations: {test-cluster/image-pulled: "true"}}'
Y
}

# The pods of a silent node stay not ready, which pod-recover cannot see from the pod.
node_not_ready() {
  stage "$1" Node
  [ "$2" = '*' ] || echo "    - {key: .metadata.name, operator: In, values: [\"$2\"]}"
  cat <<'Y'
    - {key: .metadata.deletionTimestamp, operator: DoesNotExist}
  next:
    statusTemplate: |
      {{ $since := .metadata.creationTimestamp }}
      conditions:
      - {type: Ready, status: "False", reason: KubeletNotReady, message: simulated, lastHeartbeatTime: {{ $since | Quote }}, lastTransitionTime: {{ $since | Quote }}}
Y
  stage "$1.pods" Pod
  living
  on_node "$2"
  pod_not_ready
}

# render_failure NAME KIND NODE [ARGUMENT [RUN]]: prints the stages; fails for an unknown kind.
render_failure() {
  local name=$1 kind=$2 node=$3 argument=${4:-} run=${5:-}
  case $kind in
    agent-failed) agent_ends "$name" "$node" "${argument:-*}" "$run" Failed "" ;;
    agent-refused) agent_ends "$name" "$node" "${argument:-*}" "$run" Refused "" ;;
    agent-not-handoverable) agent_ends "$name" "$node" "${argument:-*}" "$run" Refused DeviceNotHandOverable ;;
    agent-hangs) agent_hangs "$name" "$node" "${argument:-*}" "$run" ;;
    calico-not-ready) not_ready "$name" "$node" calico-node ;;
    flannel-not-ready) not_ready "$name" "$node" "flannel, canal" ;;
    pod-terminating) pod_terminating "$name" "$node" "$argument" ;;
    calico-image-pull) calico_image_pull "$name" "$node" "${argument:-10}" ;;
    node-not-ready) node_not_ready "$name" "$node" ;;
    *) return 1 ;;
  esac
}

# concerned KIND NODE: the options that select the pods a failure is about, in all namespaces.
concerned() {
  case $1 in
    agent-*) echo "--selector app.kubernetes.io/component=agent" ;;
    calico-*) echo "--selector k8s-app=calico-node" ;;
  esac
  [ "$2" = '*' ] || echo "--field-selector spec.nodeName=$2"
}

touch_nodes() {
  local node=$1
  [ "$node" = '*' ] && node=--all
  kubectl annotate --overwrite node "$node" "test-cluster/reconsider=$2" >/dev/null
}

touch_pods() {
  local -a options
  # shellcheck disable=SC2207
  options=($(concerned "$1" "$2"))
  [ ${#options[@]} -gt 0 ] || options=(--all)
  # A pod may vanish meanwhile, or there may be none.
  kubectl annotate --overwrite pods --all-namespaces "${options[@]}" "test-cluster/reconsider=$3" >/dev/null 2>&1 || true
}

# kwok looks at stages only when an object changes: touch the stages (its cache of them is keyed by their version, which
# it may see before their content), then what they are about.
reconsider() {
  local kind=$1 node=$2 stamp
  stamp=$(date +%s%N)
  touch_stages "$stamp"
  case $kind in node-*) touch_nodes "$node" "$stamp" ;; esac
  touch_pods "$kind" "$node" "$stamp"
}
