package controllers

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// Settings are what all maps' pods have in common.
type Settings struct {
	// MapServerImage is the image of the map server, PullPolicy when it is pulled.
	MapServerImage string
	PullPolicy     corev1.PullPolicy
	// KeeperURL is where map servers find the gateway; {namespace} in it stands for
	// the map's namespace.
	KeeperURL string
	// Namespace is the operator's own, from where maps may be asked how they are.
	Namespace string
	// HTTP asks map servers how they are; nil is the standard one.
	HTTP *http.Client
}

const (
	podDir    = "/etc/overworld/pod"
	slotsDir  = "/etc/overworld/slots"
	keyDir    = "/etc/overworld/key"
	keyFile   = "key"
	nobodyID  = 65532
	stopExtra = 10 * time.Second // a pod may take so much longer than the map's drain
)

// mapLabels are the labels of all that belongs to a map.
func mapLabels(m *v1alpha1.GameMap) map[string]string {
	out := map[string]string{labelName: MapServer, labelManagedBy: ManagedBy, labelMap: m.Name}
	if fleet := m.Labels[labelFleet]; fleet != "" {
		out[labelFleet] = fleet
	}
	return out
}

// metaOf is the metadata of an object that belongs to a map.
func metaOf(m *v1alpha1.GameMap, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Namespace: m.Namespace, Labels: mapLabels(m), OwnerReferences: ownedBy(m, "GameMap")}
}

// podFor is the pod of a map, with the seal of all that cannot change while it
// runs; the wanted revision can.
func podFor(m *v1alpha1.GameMap, b *v1alpha1.ScriptBundle, s Settings, name string) *corev1.Pod {
	no, yes := false, true
	id := int64(nobodyID)
	grace := int64((drainOf(m) + stopExtra).Seconds())
	pod := &corev1.Pod{
		ObjectMeta: metaOf(m, name),
		Spec: corev1.PodSpec{
			Containers:                    []corev1.Container{container(m, s)},
			Volumes:                       volumes(m, b.Name),
			RestartPolicy:                 corev1.RestartPolicyAlways,
			TerminationGracePeriodSeconds: &grace,
			AutomountServiceAccountToken:  &no,
			EnableServiceLinks:            &no,
			SecurityContext: &corev1.PodSecurityContext{
				RunAsNonRoot: &yes, RunAsUser: &id, RunAsGroup: &id, FSGroup: &id,
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
			NodeSelector:              m.Spec.Pod.NodeSelector,
			Tolerations:               tolerations(m),
			Affinity:                  m.Spec.Pod.Affinity,
			TopologySpreadConstraints: m.Spec.Pod.TopologySpreadConstraints,
			PriorityClassName:         m.Spec.Pod.PriorityClassName,
		},
	}
	pod.Annotations = map[string]string{annotationLaunch: launchFile(m, b), annotationSpec: specHash(m, b)}
	maps.Copy(pod.Annotations, m.Spec.Pod.Annotations)
	unnamed := *pod
	unnamed.Name = "" // the name may change while the pod stays the same
	pod.Annotations = maps.Clone(sealed(&unnamed).Annotations)
	return pod
}

func container(m *v1alpha1.GameMap, s Settings) corev1.Container {
	no, yes := false, true
	c := corev1.Container{
		Name: MapServer, Image: s.MapServerImage, ImagePullPolicy: s.PullPolicy,
		Args: []string{
			"--config", podDir + "/gamemap.yaml", "--slots", slotsDir, "--wanted", podDir + "/revision", "--drain", podDir + "/drain",
			"--keeper", strings.ReplaceAll(s.KeeperURL, "{namespace}", m.Namespace), "--keeper-key", keyDir + "/" + keyFile,
			"--listen", ":7000", "--status-listen", ":9000",
		},
		Ports: []corev1.ContainerPort{
			{Name: playersPortName, ContainerPort: playersPort, Protocol: corev1.ProtocolTCP},
			{Name: statusPortName, ContainerPort: statusPort, Protocol: corev1.ProtocolTCP},
		},
		Resources:                resourcesOf(m),
		ReadinessProbe:           probe("/readyz", 1, 3),
		StartupProbe:             probe("/healthz", 1, 600), // a map waits for its keeper
		LivenessProbe:            probe("/healthz", 10, 3),
		TerminationMessagePolicy: corev1.TerminationMessageFallbackToLogsOnError,
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: &no, ReadOnlyRootFilesystem: &yes, Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		},
		VolumeMounts: []corev1.VolumeMount{
			{Name: "pod", MountPath: podDir, ReadOnly: true},
			{Name: "blue", MountPath: slotsDir + "/blue", ReadOnly: true},
			{Name: "green", MountPath: slotsDir + "/green", ReadOnly: true},
			{Name: "key", MountPath: keyDir, ReadOnly: true},
		},
	}
	c.Env = []corev1.EnvVar{{Name: "POD_UID", ValueFrom: &corev1.EnvVarSource{
		FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "metadata.uid"},
	}}}
	if m.Spec.Exposure.Type == v1alpha1.ExposeHostPort && m.Spec.Exposure.Port != nil {
		c.Ports[0].HostPort = *m.Spec.Exposure.Port
	}
	if limit := c.Resources.Limits.Memory(); !limit.IsZero() {
		// A tenth is left for what Go does not count.
		c.Env = append(c.Env, corev1.EnvVar{Name: "GOMEMLIMIT", Value: strconv.FormatInt(limit.Value()/10*9, 10)})
	}
	return c
}

// resourcesOf is what a map gets, with defaults where it says nothing.
func resourcesOf(m *v1alpha1.GameMap) corev1.ResourceRequirements {
	out := *m.Spec.Pod.Resources.DeepCopy()
	if out.Requests == nil && out.Limits == nil {
		out.Requests = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("100m"), corev1.ResourceMemory: resource.MustParse("64Mi")}
		out.Limits = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("512Mi")}
	}
	return out
}

func probe(path string, period, failures int32) *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler:  corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromString(statusPortName)}},
		PeriodSeconds: period, FailureThreshold: failures, TimeoutSeconds: 2,
	}
}

func volumes(m *v1alpha1.GameMap, bundle string) []corev1.Volume {
	yes, private := true, int32(0o440)
	slot := func(s v1alpha1.Slot) corev1.Volume {
		return corev1.Volume{Name: string(s), VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: slotName(bundle, s)}, Optional: &yes,
		}}}
	}
	file := func(name, annotation string) corev1.DownwardAPIVolumeFile {
		return corev1.DownwardAPIVolumeFile{Path: name, FieldRef: &corev1.ObjectFieldSelector{
			APIVersion: "v1", FieldPath: "metadata.annotations['" + annotation + "']",
		}}
	}
	return []corev1.Volume{
		{Name: "pod", VolumeSource: corev1.VolumeSource{DownwardAPI: &corev1.DownwardAPIVolumeSource{Items: []corev1.DownwardAPIVolumeFile{
			file("gamemap.yaml", annotationLaunch), file("revision", annotationWanted), file("drain", annotationDrain),
		}}}},
		slot(v1alpha1.SlotBlue), slot(v1alpha1.SlotGreen),
		{Name: "key", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: keyName(m.Name), DefaultMode: &private}}},
	}
}

// launchFile is the GameMap manifest that the map server starts with: what it
// needs of the spec, with the limits of the bundle where the map has none.
func launchFile(m *v1alpha1.GameMap, b *v1alpha1.ScriptBundle) string {
	spec := m.Spec.DeepCopy()
	spec.Bundle, spec.Suspend = "", false
	spec.Exposure, spec.Pod = v1alpha1.ExposureSpec{}, v1alpha1.PodSpec{}
	if spec.Scripts.CallBudget == nil {
		spec.Scripts.CallBudget = b.Spec.Limits.CallBudget
	}
	if spec.Scripts.Memory == nil {
		spec.Scripts.Memory = b.Spec.Limits.Memory
	}
	data, err := json.Marshal(map[string]any{
		"apiVersion": v1alpha1.APIVersion, "kind": "GameMap", "metadata": map[string]string{"name": m.Name}, "spec": spec,
	})
	if err != nil {
		panic(err) // the spec came from JSON
	}
	return string(data)
}

// specHash changes with what a GameMap and its bundle say of the pod, and not with
// what the operator adds.
func specHash(m *v1alpha1.GameMap, b *v1alpha1.ScriptBundle) string {
	var hostPort *int32
	if m.Spec.Exposure.Type == v1alpha1.ExposeHostPort {
		hostPort = m.Spec.Exposure.Port
	}
	return hashOf([]any{launchFile(m, b), m.Spec.Pod, hostPort, b.Name})
}

// lostAfter is for how long a map stays on a node that does not answer. The other
// pod is safe to start: the first one cannot write any more.
const lostAfter = 30

// tolerations are the map's, and how long it stays on a node that is lost, where it
// does not say so itself.
func tolerations(m *v1alpha1.GameMap) []corev1.Toleration {
	out := slices.Clone(m.Spec.Pod.Tolerations)
	for _, taint := range []string{corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable} {
		if slices.ContainsFunc(out, func(t corev1.Toleration) bool { return t.Key == taint || t.Key == "" }) {
			continue
		}
		seconds := int64(lostAfter)
		out = append(out, corev1.Toleration{
			Key: taint, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: &seconds,
		})
	}
	return out
}

func drainOf(m *v1alpha1.GameMap) time.Duration {
	if t := m.Spec.Drain.Timeout; t != nil {
		return t.Duration
	}
	return 20 * time.Second
}
