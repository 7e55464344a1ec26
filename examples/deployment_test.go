package examples_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"
)

type labels = map[string]string

// manifest is what the Kubernetes example may hold. A key that is not here is a spelling mistake, or new.
type manifest struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   struct {
		Name   string
		Labels labels
	}
	Spec struct {
		Replicas     int
		MinAvailable int       `yaml:"minAvailable"`
		Selector     yaml.Node // in a Service, the labels themselves
		Strategy     struct {
			RollingUpdate map[string]int `yaml:"rollingUpdate"`
		}
		Template podTemplate
		Ports    []struct {
			Name       string
			Port       int
			TargetPort string `yaml:"targetPort"`
		}
	}
}

type podTemplate struct {
	Metadata struct{ Labels, Annotations labels }
	Spec     struct {
		TerminationGracePeriodSeconds int  `yaml:"terminationGracePeriodSeconds"`
		AutomountServiceAccountToken  bool `yaml:"automountServiceAccountToken"`
		SecurityContext               struct {
			RunAsNonRoot   bool   `yaml:"runAsNonRoot"`
			RunAsUser      int    `yaml:"runAsUser"`
			RunAsGroup     int    `yaml:"runAsGroup"`
			FSGroup        int    `yaml:"fsGroup"`
			SeccompProfile labels `yaml:"seccompProfile"`
		} `yaml:"securityContext"`
		Containers []container
		Volumes    []volume
	}
}

type volume struct {
	Name      string
	ConfigMap labels `yaml:"configMap"`
	EmptyDir  labels `yaml:"emptyDir"`
}

type container struct {
	Name, Image   string
	Command, Args []string
	EnvFrom       []struct {
		SecretRef labels `yaml:"secretRef"`
	} `yaml:"envFrom"`
	Ports []struct {
		Name          string
		ContainerPort int `yaml:"containerPort"`
	}
	StartupProbe    probe `yaml:"startupProbe"`
	LivenessProbe   probe `yaml:"livenessProbe"`
	ReadinessProbe  probe `yaml:"readinessProbe"`
	Resources       struct{ Requests, Limits labels }
	SecurityContext struct {
		AllowPrivilegeEscalation bool `yaml:"allowPrivilegeEscalation"`
		ReadOnlyRootFilesystem   bool `yaml:"readOnlyRootFilesystem"`
		Capabilities             struct{ Drop []string }
	} `yaml:"securityContext"`
	VolumeMounts []struct {
		Name      string
		MountPath string `yaml:"mountPath"`
		ReadOnly  bool   `yaml:"readOnly"`
	} `yaml:"volumeMounts"`
}

type probe struct {
	HTTPGet          struct{ Path, Port string } `yaml:"httpGet"`
	PeriodSeconds    int                         `yaml:"periodSeconds"`
	TimeoutSeconds   int                         `yaml:"timeoutSeconds"`
	FailureThreshold int                         `yaml:"failureThreshold"`
}

// versions holds the API version of each kind.
var versions = map[string]string{"Deployment": "apps/v1", "Service": "v1", "PodDisruptionBudget": "policy/v1"}

func TestKubernetes_ManifestsAreWholeAndFitTogether(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("kubernetes/rollcall.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	var all []manifest
	for {
		var m manifest
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	var pods []podTemplate
	for _, m := range all {
		if m.Metadata.Name == "" || versions[m.Kind] == "" || m.APIVersion != versions[m.Kind] {
			t.Errorf("%s %q has the unknown kind or version %s", m.Kind, m.Metadata.Name, m.APIVersion)
		}
		if m.Kind == "Deployment" {
			pods = append(pods, m.Spec.Template)
			judgePod(t, m.Metadata.Name, m.Spec.Template)
		}
	}
	if len(pods) != 2 {
		t.Errorf("%d deployments, want the worker and the API", len(pods))
	}
	for _, m := range all {
		var selects labels
		if m.Kind == "Service" {
			err = m.Spec.Selector.Decode(&selects)
		} else {
			var s struct {
				MatchLabels labels `yaml:"matchLabels"`
			}
			err = m.Spec.Selector.Decode(&s)
			selects = s.MatchLabels
		}
		at := slices.IndexFunc(pods, func(p podTemplate) bool { return len(selects) > 0 && maps.Equal(p.Metadata.Labels, selects) })
		if err != nil || at < 0 {
			t.Errorf("%s %s selects no pods: %v, %v", m.Kind, m.Metadata.Name, selects, err)
			continue
		}
		for _, p := range m.Spec.Ports {
			if !hasPort(pods[at].Spec.Containers[0], p.TargetPort) {
				t.Errorf("%s leads to the port %s, which its pods do not have", m.Metadata.Name, p.TargetPort)
			}
		}
	}
}

// judgePod checks one pod of a deployment: its rights, image, limits, probes and volumes.
func judgePod(t *testing.T, name string, p podTemplate) {
	t.Helper()
	if len(p.Spec.Containers) != 1 || !p.Spec.SecurityContext.RunAsNonRoot || p.Spec.TerminationGracePeriodSeconds == 0 {
		t.Fatalf("%s: got %+v, want one container, runAsNonRoot and a grace period", name, p.Spec)
	}
	c := p.Spec.Containers[0]
	if !regexp.MustCompile(`^\S+/rollcall:\S+$`).MatchString(c.Image) || len(c.Args) == 0 || c.Resources.Limits["memory"] == "" || !c.SecurityContext.ReadOnlyRootFilesystem {
		t.Errorf("%s: got %+v, want a tagged image, arguments, a memory limit and a read-only file system", name, c)
	}
	for path, probes := range map[string][]probe{"/healthz": {c.StartupProbe, c.LivenessProbe}, "/readyz": {c.ReadinessProbe}} {
		for _, one := range probes {
			if one.HTTPGet.Path != path || !hasPort(c, one.HTTPGet.Port) {
				t.Errorf("%s: got the probe %+v, want %s at a port of the container", name, one, path)
			}
		}
	}
	for _, m := range c.VolumeMounts {
		if !slices.ContainsFunc(p.Spec.Volumes, func(v volume) bool { return v.Name == m.Name }) {
			t.Errorf("%s mounts %s, which is not a volume", name, m.Name)
		}
	}
}

func hasPort(c container, name string) bool {
	for _, p := range c.Ports {
		if p.Name == name {
			return true
		}
	}
	return false
}

// installed matches where the units expect the programs.
var installed = regexp.MustCompile(`/usr/local/bin/rollcall-\w+`)

func TestSystemd_VerifiesTheUnits(t *testing.T) {
	t.Parallel()
	verify, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("there is no systemd-analyze here")
	}
	units, err := filepath.Glob("systemd/*.service")
	if err != nil || len(units) != 2 {
		t.Fatalf("got the units %v, %v, want two", units, err)
	}
	for _, unit := range units {
		text, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		if len(installed.FindAll(text, -1)) == 0 {
			t.Errorf("%s starts none of our programs", unit)
		}
		here := filepath.Join(t.TempDir(), filepath.Base(unit))
		if err := os.WriteFile(here, installed.ReplaceAll(text, []byte(verify)), 0o600); err != nil { // a program that exists
			t.Fatal(err)
		}
		// For an unknown directive it prints a warning and exits 0.
		if out, err := exec.CommandContext(t.Context(), verify, "verify", here).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", unit, err, out)
		}
	}
}
