// Package chart tests what the Helm chart makes of its values.
package chart

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

const (
	helm  = "../../bin/helm"
	chart = "../../charts/overworld"
)

// object is what is looked at of an object.
type object struct {
	Kind     string `json:"kind"`
	Metadata struct {
		Name        string            `json:"name"`
		Namespace   string            `json:"namespace"`
		Annotations map[string]string `json:"annotations"`
	} `json:"metadata"`
	Spec struct {
		Type     string `json:"type"`
		Replicas int    `json:"replicas"`
		Template struct {
			Spec podSpec `json:"spec"`
		} `json:"template"`
		podSpec `json:",inline"`
	} `json:"spec"`
	Rules []map[string][]string `json:"rules"`
}

type podSpec struct {
	SecurityContext struct {
		RunAsNonRoot bool `json:"runAsNonRoot"`
	} `json:"securityContext"`
	Containers []struct {
		Image           string           `json:"image"`
		Args            []string         `json:"args"`
		Env             []map[string]any `json:"env"`
		SecurityContext *map[string]any  `json:"securityContext"`
		Ports           []map[string]any `json:"ports"`
		Resources       map[string]any   `json:"resources"`
		VolumeMounts    []map[string]any `json:"volumeMounts"`
		ReadinessProbe  map[string]any   `json:"readinessProbe"`
	} `json:"containers"`
}

// template runs helm template; the error is what it says.
func template(t *testing.T, values ...string) (map[string]object, error) {
	t.Helper()
	args := []string{"template", "overworld", chart, "--namespace", "game", "--kube-version", "1.35.0"}
	for _, v := range values {
		args = append(args, "--set", v)
	}
	cmd := exec.Command(helm, args...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, problems.String())
	}
	objects := map[string]object{}
	for _, text := range strings.Split(out.String(), "\n---\n") {
		var o object
		if err := yaml.Unmarshal([]byte(text), &o); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if o.Kind != "" {
			objects[o.Kind+" "+o.Metadata.Name] = o
		}
	}
	return objects, nil
}

func must(t *testing.T, values ...string) map[string]object {
	t.Helper()
	objects, err := template(t, values...)
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

func (o object) pod() podSpec {
	if len(o.Spec.Template.Spec.Containers) > 0 {
		return o.Spec.Template.Spec
	}
	return o.Spec.podSpec
}

func TestLint(t *testing.T) {
	out, err := exec.Command(helm, "lint", "--strict", chart).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestDefaults(t *testing.T) {
	objects := must(t)
	for _, want := range []string{
		"Deployment overworld-operator", "Deployment overworld-gateway", "StatefulSet overworld-postgresql", "Secret overworld-postgresql",
		"Service overworld-gateway", "Service overworld-keeper", "ClusterRole game-overworld-operator", "Role overworld-gateway",
		"CustomResourceDefinition gamemaps.overworld.dev", "CustomResourceDefinition scriptbundles.overworld.dev", "CustomResourceDefinition fleets.overworld.dev",
		"NetworkPolicy overworld-gateway", "NetworkPolicy overworld-postgresql", "Job overworld-release", "Pod overworld-test",
	} {
		if _, ok := objects[want]; !ok {
			t.Errorf("there is no %s", want)
		}
	}
	operator := objects["Deployment overworld-operator"].pod().Containers[0]
	for _, want := range []string{"--mapserver-image=overworld/mapserver:dev", "--keeper-url=http://overworld-keeper.{namespace}:8081", "--leader-elect"} {
		if !slices.Contains(operator.Args, want) {
			t.Errorf("the operator's arguments are %q, want %s", operator.Args, want)
		}
	}
	if crd := objects["CustomResourceDefinition gamemaps.overworld.dev"]; crd.Metadata.Annotations["helm.sh/resource-policy"] != "keep" {
		t.Error("uninstalling would delete all games")
	}
	if s := objects["Service overworld-keeper"]; s.Spec.Type != "" && s.Spec.Type != "ClusterIP" {
		t.Error("the keeper is exposed")
	}
	// The gateway reads GameMaps and nothing else.
	rules, err := json.Marshal(objects["Role overworld-gateway"].Rules)
	if want := `[{"apiGroups":["overworld.dev"],"resources":["gamemaps"],"verbs":["get","list","watch"]}]`; err != nil || string(rules) != want {
		t.Errorf("the gateway may %s", rules)
	}
}

// No pod has rights that it does not need, whatever the values.
func TestSecurity(t *testing.T) {
	for name, o := range must(t, "monitoring.enabled=true", "gateway.replicas=3", "postgresql.persistence.enabled=false") {
		pod := o.pod()
		if len(pod.Containers) == 0 {
			continue
		}
		if !pod.SecurityContext.RunAsNonRoot {
			t.Errorf("%s may run as root", name)
		}
		for _, c := range pod.Containers {
			if c.SecurityContext == nil || (*c.SecurityContext)["readOnlyRootFilesystem"] != true || (*c.SecurityContext)["allowPrivilegeEscalation"] != false {
				t.Errorf("%s has the security %v", name, c.SecurityContext)
			}
		}
	}
}

func TestValues(t *testing.T) {
	own := must(t, "postgresql.enabled=false", "database.existingSecret=db", "database.key=uri")
	if _, ok := own["StatefulSet overworld-postgresql"]; ok {
		t.Error("there is a PostgreSQL although there is another database")
	}
	if env := fmt.Sprint(own["Deployment overworld-gateway"].pod().Containers[0].Env); !strings.Contains(env, "name:db") || !strings.Contains(env, "key:uri") {
		t.Errorf("the gateway's environment is %s", env)
	}
	second := must(t, "operator.enabled=false", "crds.enabled=false")
	for name := range second {
		if strings.HasPrefix(name, "CustomResourceDefinition") || strings.Contains(name, "operator") {
			t.Errorf("a second game has %s", name)
		}
	}
	one := must(t, "operator.namespace=arena", "image.registry=registry.example/games", "image.tag=1.2.3")
	if r := one["Role overworld-operator"]; r.Metadata.Namespace == "" {
		t.Error("an operator of one namespace has no Role")
	}
	if rules := one["ClusterRole game-overworld-operator"].Rules; len(rules) != 1 || rules[0]["resources"][0] != "nodes" {
		t.Errorf("an operator of one namespace may %v everywhere", rules)
	}
	if image := one["Deployment overworld-gateway"].pod().Containers[0].Image; image != "registry.example/games/overworld/gateway:1.2.3" {
		t.Errorf("the image is %s", image)
	}
	if many := must(t, "gateway.replicas=2", "gateway.ingress.enabled=true", "gateway.ingress.host=play.example", "gateway.tlsSecret=tls"); many["PodDisruptionBudget overworld-gateway"].Kind == "" || many["Ingress overworld-gateway"].Kind == "" {
		t.Error("two gateways have no PodDisruptionBudget, or no Ingress")
	}
}

func TestBadValues(t *testing.T) {
	for value, want := range map[string]string{
		"colour=red":                       "additional properties 'colour' not allowed",
		"gateway.replicas=0":               "minimum: got 0, want 1",
		"gateway.service.type=Ingress":     "value must be one of 'NodePort', 'LoadBalancer', 'ClusterIP'",
		"operator.logLevel=loud":           "value must be one of 'debug', 'info', 'warn', 'error'",
		"image.pullPolicy=Sometimes":       "value must be one of 'Always', 'IfNotPresent', 'Never'",
		"postgresql.persistence.size=lots": "does not match pattern",
		"gateway.trustedProxies[0]=all":    "does not match pattern",
		"postgresql.enabled=false":         "the gateway needs a database: set database.existingSecret",
		"gateway.ingress.enabled=true":     "gateway.ingress.host is the name that players use",
	} {
		if _, err := template(t, value); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", value, err, want)
		}
	}
}

// Every value is in the chart's README, with its default.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile(chart + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(chart + "/values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var values map[string]any
	if err := yaml.Unmarshal(text, &values); err != nil {
		t.Fatal(err)
	}
	for path, value := range leaves("", values) {
		standard, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(compact(string(readme)), compact(fmt.Sprintf("| `%s` | `%s` |", path, standard))) {
			t.Errorf("README.md does not tell of %s with the default %s", path, standard)
		}
	}
}

func compact(text string) string { return strings.ReplaceAll(text, " ", "") }

// leaves are the values by their paths; what pods have is one value.
func leaves(path string, values map[string]any) map[string]any {
	out := map[string]any{}
	for name, value := range values {
		below := strings.TrimPrefix(path+"."+name, ".")
		inner, ok := value.(map[string]any)
		if ok && len(inner) > 0 && name != "resources" {
			maps.Copy(out, leaves(below, inner))
		} else {
			out[below] = value
		}
	}
	return out
}

// An alert of a metric that nothing has would never fire; and each has its line in the
// documentation.
func TestAlerts(t *testing.T) {
	out, err := exec.Command(helm, "template", "overworld", chart, "--kube-version", "1.35.0", "--set", "monitoring.alerts=true", "--show-only", "templates/alerts.yaml").Output()
	if err != nil {
		t.Fatal(err)
	}
	var rule struct {
		Spec struct {
			Groups []struct {
				Rules []struct {
					Alert, Expr, For string
					Annotations      struct{ Summary string }
				}
			}
		}
	}
	if err := yaml.Unmarshal(out, &rule); err != nil {
		t.Fatal(err)
	}
	known := metrics(t)
	doc, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rule.Spec.Groups[0].Rules {
		for _, name := range regexp.MustCompile(`overworld_\w+`).FindAllString(r.Expr, -1) {
			if base := regexp.MustCompile(`_(count|bucket)$`).ReplaceAllString(name, ""); !known[base] {
				t.Errorf("%s looks at %s, which nothing has", r.Alert, name)
			}
		}
		if !strings.Contains(string(doc), "`"+r.Alert+"`") || r.For == "" || !strings.HasSuffix(r.Annotations.Summary, ".") {
			t.Errorf("%s is not documented, or says nothing: %+v", r.Alert, r)
		}
	}
}

// metrics are the names in the sources of the three programs.
func metrics(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for file, pattern := range map[string]string{
		"../../mapserver/report/metrics.go": `family\(\w+, "(\w+)"`,
		"../../gateway/metrics.go":          `"overworld_(\w+)"`,
		"../../controllers/metrics.go":      `"overworld_(\w+)"`,
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(pattern).FindAllSubmatch(text, -1) {
			out["overworld_"+string(m[1])] = true
		}
	}
	if len(out) < 30 {
		t.Fatalf("only %d metrics were found", len(out))
	}
	return out
}
