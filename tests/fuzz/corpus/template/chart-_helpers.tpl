{{/*
The name of everything.
*/}}
{{- define "constructs.name" -}}
{{- default .Chart.Name .Values.name | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{- define "constructs.fullname" -}}
{{- if contains (include "constructs.name" .) .Release.Name -}}
{{ .Release.Name }}
{{- else -}}
{{ printf "%s-%s" .Release.Name (include "constructs.name" .) }}
{{- end -}}
{{- end -}}

{{- define "constructs.labels" -}}
{{- $labels := dict "app" (include "constructs.name" .) "release" .Release.Name }}
{{- $labels = merge $labels (deepCopy .Values.labels) }}
{{- toYaml $labels }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "constructs.shadowed" }}from the top{{ end }}
