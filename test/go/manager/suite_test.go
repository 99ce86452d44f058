package manager

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	v1 "kubeling.test/manager/api/v1"
	v2 "kubeling.test/manager/api/v2"
	"kubeling.test/manager/sites"
)

var (
	environment *envtest.Environment
	config      *rest.Config
	scheme      = runtime.NewScheme()
	// api reads and writes without a cache.
	api client.WithWatch
)

// TestMain installs the definition and the webhooks as envtest does, into the server that KUBECONFIG names.
func TestMain(m *testing.M) {
	code, err := runWithEnvironment(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runWithEnvironment(m *testing.M) (code int, err error) {
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	for _, add := range []func(*runtime.Scheme) error{clientscheme.AddToScheme, v1.AddToScheme, v2.AddToScheme} {
		if err := add(scheme); err != nil {
			return 0, err
		}
	}
	existing := true
	environment = &envtest.Environment{
		UseExistingCluster:    &existing,
		Scheme:                scheme,
		CRDDirectoryPaths:     []string{filepath.Join("config", "sites.yaml")},
		ErrorIfCRDPathMissing: true,
		CRDInstallOptions:     envtest.CRDInstallOptions{CleanUpAfterUse: true},
		WebhookInstallOptions: envtest.WebhookInstallOptions{Paths: []string{filepath.Join("config", "webhooks.yaml")}},
	}
	if config, err = environment.Start(); err != nil {
		return 0, err
	}
	defer func() {
		if stopped := environment.Stop(); err == nil {
			err = stopped
		}
	}()
	if api, err = client.NewWithWatch(config, client.Options{Scheme: scheme}); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// role is what a manager does; most do all but to elect a leader.
type role int

const (
	controls role = 1 << iota
	servesWebhooks
	electsLeader
)

// startManager runs an operator until the test ends or the answered function is called.
func startManager(t *testing.T, name string, does role) (ctrl.Manager, context.CancelFunc) {
	t.Helper()
	local := environment.WebhookInstallOptions
	mgr, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:  scheme,
		Metrics: server.Options{BindAddress: "0"},
		WebhookServer: webhook.NewServer(webhook.Options{
			Host: local.LocalServingHost, Port: local.LocalServingPort, CertDir: local.LocalServingCertDir,
		}),

		LeaderElection:                does&electsLeader != 0,
		LeaderElectionID:              "sites.shop.example.com",
		LeaderElectionNamespace:       "default",
		LeaderElectionReleaseOnCancel: true,
		RetryPeriod:                   new(200 * time.Millisecond),
	})
	must(t, err)
	if does&controls != 0 {
		reconciler := &sites.Reconciler{Client: mgr.GetClient(), Recorder: mgr.GetEventRecorder("sites"), Name: name}
		must(t, reconciler.SetupWithManager(mgr))
	}
	if does&servesWebhooks != 0 {
		must(t, sites.Webhooks{}.SetupWithManager(mgr))
	}
	stop := start(t, mgr)
	if does&servesWebhooks != 0 {
		eventually(t, "the webhooks answer", func() error { return mgr.GetWebhookServer().StartedChecker()(nil) })
	}
	return mgr, stop
}

func start(t *testing.T, mgr manager.Manager) context.CancelFunc {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	stopped := false
	stop := func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the manager ended with %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

// eventually asks until there is no error.
func eventually(t *testing.T, what string, holds func() error) {
	t.Helper()
	var err error
	for range 600 {
		if err = holds(); err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("not within a minute: %s: %v", what, err)
}

// newSite is a site with a name of its own, which is gone after the test.
func newSite(t *testing.T, host string) *v2.Site {
	site := &v2.Site{}
	site.Namespace, site.Name = "default", "site-"+strconv.FormatInt(time.Now().UnixNano(), 36)
	site.Spec.Host = host
	t.Cleanup(func() { _ = client.IgnoreNotFound(api.Delete(context.Background(), site.DeepCopyObject().(*v2.Site))) })
	return site
}
