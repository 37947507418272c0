{{/* Names are fixed: a cluster has one operator, and the program knows the agent's account by its name. */}}
{{- define "fm.operator" -}}flannel-migration-operator{{- end }}
{{- define "fm.agent" -}}flannel-migration-agent{{- end }}
{{- define "fm.uninstall" -}}flannel-migration-uninstall{{- end }}
{{- define "fm.test" -}}flannel-migration-test{{- end }}

{{/* Whether `helm uninstall` asks the API server, which can answer since Kubernetes 1.30. Empty is no. */}}
{{- define "fm.hasGuard" -}}
{{- $crd := or .Values.crd.create (.Capabilities.APIVersions.Has "cni-migration.io/v1alpha1/FlannelMigration") }}
{{- if and .Values.uninstallGuard.enabled $crd (.Capabilities.APIVersions.Has "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy") -}}
yes
{{- end -}}
{{- end }}

{{/* What a Deployment selects by; it can never change. */}}
{{- define "fm.selector" -}}
app.kubernetes.io/name: flannel-migration
app.kubernetes.io/component: operator
{{- end }}

{{- define "fm.labels" -}}
app.kubernetes.io/name: flannel-migration
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: flannel-migration
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "fm.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* host:port, with the brackets that an IPv6 address needs. */}}
{{- define "fm.listen" -}}
{{- if contains ":" .Values.listen.address -}}
[{{ .Values.listen.address }}]:{{ .Values.listen.port }}
{{- else -}}
{{ .Values.listen.address }}:{{ .Values.listen.port }}
{{- end -}}
{{- end }}

{{/* Where kubelet finds it; an unspecified address is no address to ask. */}}
{{- define "fm.probeHost" -}}
{{- if eq .Values.listen.address "0.0.0.0" -}}127.0.0.1
{{- else if eq .Values.listen.address "::" -}}::1
{{- else -}}{{ .Values.listen.address }}
{{- end -}}
{{- end }}

{{- define "fm.pullSecrets" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "fm.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "fm.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Subjects of every binding. */}}
{{- define "fm.subjects" -}}
subjects:
  - kind: ServiceAccount
    name: {{ include "fm.operator" . }}
    namespace: {{ .Release.Namespace }}
{{- end }}

{{- define "fm.flannelDaemonSets" -}}
{{- $own := list "kube-flannel-ds" "kube-flannel-ds-amd64" "kube-flannel-ds-arm64" "kube-flannel-ds-arm" "kube-flannel-ds-ppc64le" "kube-flannel-ds-s390x" "kube-flannel" "canal" "rke2-canal" -}}
{{- concat $own .Values.flannel.extraDaemonSets | uniq | toJson -}}
{{- end }}

{{/*
Namespaces where flannel may be. On a cluster that can be asked those that do not exist are left out, because a Role cannot be
made in them; `helm template` cannot ask and prints all.
*/}}
{{- define "fm.flannelNamespaces" -}}
{{- $wanted := concat (list "kube-flannel" "kube-system") .Values.flannel.extraNamespaces | uniq -}}
{{- $existing := list -}}
{{- range (lookup "v1" "Namespace" "" "").items -}}
{{- $existing = append $existing .metadata.name -}}
{{- end -}}
{{- $kept := list -}}
{{- range $wanted -}}
{{- if or (empty $existing) (has . $existing) -}}
{{- $kept = append $kept . -}}
{{- end -}}
{{- end -}}
{{- $kept | toJson -}}
{{- end }}
