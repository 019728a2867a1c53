{{- define "overworld.fullname" -}}
{{- if contains "overworld" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-overworld{{ end -}}
{{- end }}

{{- define "overworld.image" -}}
{{- $v := .root.Values.image -}}
{{ with $v.registry }}{{ . }}/{{ end }}overworld/{{ .program }}:{{ $v.tag | default .root.Chart.AppVersion }}
{{- end }}

{{- define "overworld.labels" -}}
app.kubernetes.io/name: overworld
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{- define "overworld.selector" -}}
app.kubernetes.io/name: overworld
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* The security of all pods: nobody, without rights, on a file system that cannot be written. */}}
{{- define "overworld.podSecurity" -}}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "overworld.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- define "overworld.placement" -}}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{- define "overworld.databaseSecret" -}}
{{- if .Values.database.existingSecret }}{{ .Values.database.existingSecret }}
{{- else if .Values.postgresql.enabled }}{{ include "overworld.fullname" . }}-postgresql
{{- else }}{{ fail "the gateway needs a database: set database.existingSecret to a Secret with the URL of a PostgreSQL database in the key url, or leave postgresql.enabled=true for a trial" }}
{{- end }}
{{- end }}

{{- define "overworld.databaseKey" -}}
{{- if .Values.database.existingSecret }}{{ .Values.database.key }}{{ else }}url{{ end }}
{{- end }}
