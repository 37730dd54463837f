{{- define "llm-shield.fullname" -}}
{{- if contains "llm-shield" .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-llm-shield" .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "llm-shield.selector" -}}
app.kubernetes.io/name: llm-shield
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "llm-shield.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "llm-shield.selector" . }}
{{- end -}}

{{- define "llm-shield.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "llm-shield.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "llm-shield.configMap" -}}
{{- default (ternary (include "llm-shield.fullname" .) "" (ne .Values.scanners "")) .Values.existingConfigMap -}}
{{- end -}}

{{- define "llm-shield.secret" -}}
{{- default (ternary (include "llm-shield.fullname" .) "" (ne .Values.auth.token "")) .Values.auth.existingSecret -}}
{{- end -}}
