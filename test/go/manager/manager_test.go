package manager

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	v1 "kubeling.test/manager/api/v1"
	v2 "kubeling.test/manager/api/v2"
	"kubeling.test/manager/sites"
)

func TestWebhooksDefaultAndCheck(t *testing.T) {
	startManager(t, "webhooks", controls|servesWebhooks)
	ctx := t.Context()
	site := newSite(t, "a.example.com")
	must(t, api.Create(ctx, site))
	equal(t, site.Spec.Port, 443)
	equal(t, *site.Spec.Replicas, 2)

	refused := newSite(t, "localhost")
	err := api.Create(ctx, refused)
	equal(t, apierrors.IsInvalid(err), true)
	equal(t, err.Error(), fmt.Sprintf(`admission webhook "check.shop.example.com" denied the request: `+
		`Site.shop.example.com %q is invalid: spec.host: Invalid value: "localhost": nobody else sees it`, refused.Name))

	many := newSite(t, "b.example.com")
	many.Spec.Replicas = new(int32(10))
	err = api.Create(ctx, many)
	equal(t, err.Error(), fmt.Sprintf(`Site.shop.example.com %q is invalid: spec: Invalid value: `+
		`a site has less than ten replicas`, many.Name))

	eventually(t, "the host cannot be changed", func() error {
		must(t, api.Get(ctx, client.ObjectKeyFromObject(site), site))
		site.Spec.Host = "c.example.com"
		err := api.Update(ctx, site)
		if apierrors.IsConflict(err) { // the controller writes it, too
			return err
		}
		equal(t, strings.HasSuffix(err.Error(), "spec.host: Forbidden: a site does not move"), true)
		return nil
	})

	kept := newSite(t, "d.example.com")
	kept.Labels = map[string]string{"protected": "true"}
	must(t, api.Create(ctx, kept))
	equal(t, apierrors.IsForbidden(api.Delete(ctx, kept)), true)
	merge := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"labels":null}}`))
	must(t, api.Patch(ctx, kept, merge))
	must(t, api.Delete(ctx, kept))
}

func TestConversionLosesNothing(t *testing.T) {
	startManager(t, "conversion", controls|servesWebhooks)
	ctx := t.Context()
	old := &v1.Site{ObjectMeta: newSite(t, "").ObjectMeta}
	old.Spec.Address = "old.example.com:8443"
	// The webhooks are for v2, and are asked with what they know.
	must(t, api.Create(ctx, old))
	equal(t, *old.Spec.Replicas, 2)

	site := &v2.Site{}
	must(t, api.Get(ctx, client.ObjectKeyFromObject(old), site))
	equal(t, site.Spec.Host, "old.example.com")
	equal(t, site.Spec.Port, 8443)

	eventually(t, "the controller has published it", func() error { return ready(t, old) })
	list := &v1.SiteList{}
	must(t, api.List(ctx, list, client.InNamespace("default"), client.MatchingFields{"metadata.name": old.Name}))
	equal(t, len(list.Items), 1)
	equal(t, list.Items[0].Spec.Address, "old.example.com:8443")

	watch, err := api.Watch(ctx, &v1.SiteList{}, client.InNamespace("default"),
		client.MatchingFields{"metadata.name": old.Name})
	must(t, err)
	defer watch.Stop()
	added := <-watch.ResultChan()
	equal(t, added.Object.(*v1.Site).Spec.Address, "old.example.com:8443")
	must(t, api.Patch(ctx, old, client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"replicas":3}}`))))
	for event := range watch.ResultChan() {
		if *event.Object.(*v1.Site).Spec.Replicas == 3 {
			break
		}
	}

	broken := &v1.Site{ObjectMeta: newSite(t, "").ObjectMeta}
	broken.Spec.Address = "old.example.com:web"
	err = api.Create(ctx, broken)
	equal(t, err != nil && strings.Contains(err.Error(), `"old.example.com:web" has no number for its port`), true)
}

func TestControllerPublishesAndRetires(t *testing.T) {
	mgr, _ := startManager(t, "controller", controls|servesWebhooks)
	ctx := t.Context()
	site := newSite(t, "shown.example.com")
	must(t, api.Create(ctx, site))
	key := client.ObjectKeyFromObject(site)
	eventually(t, "it is published", func() error { return ready(t, site) })
	published := &corev1.ConfigMap{}
	must(t, api.Get(ctx, key, published))
	equal(t, published.Data["address"], "shown.example.com:443")
	equal(t, metav1.IsControlledBy(published, site), true)

	must(t, api.Delete(ctx, published))
	eventually(t, "what it owns is made again", func() error { return api.Get(ctx, key, &corev1.ConfigMap{}) })

	found := &v2.SiteList{}
	eventually(t, "the cache finds it by its index", func() error {
		must(t, mgr.GetClient().List(ctx, found, client.MatchingFields{sites.HostIndex: "shown.example.com"}))
		if len(found.Items) != 1 || found.Items[0].Name != site.Name {
			return fmt.Errorf("found %d", len(found.Items))
		}
		return nil
	})

	must(t, api.Delete(ctx, site))
	eventually(t, "it is gone", func() error { return gone(api.Get(ctx, key, &v2.Site{})) })
	eventually(t, "what it owned is collected", func() error { return gone(api.Get(ctx, key, &corev1.ConfigMap{})) })
	eventually(t, "events tell of it", func() error {
		events := &eventsv1.EventList{}
		must(t, api.List(ctx, events, client.InNamespace("default")))
		seen := map[string]bool{}
		for _, event := range events.Items {
			if event.Regarding.Name == site.Name {
				seen[event.Reason] = true
			}
		}
		if !seen["Published"] || !seen["Retired"] {
			return fmt.Errorf("seen: %v", seen)
		}
		return nil
	})
}

func TestApplyTellsOfConflicts(t *testing.T) {
	startManager(t, "apply", controls|servesWebhooks)
	ctx := t.Context()
	site := newSite(t, "applied.example.com")
	applied := func(replicas int64) runtime.ApplyConfiguration {
		object := &unstructured.Unstructured{Object: map[string]any{
			"spec": map[string]any{"host": site.Spec.Host, "replicas": replicas},
		}}
		object.SetGroupVersionKind(v2.GroupVersion.WithKind("Site"))
		object.SetNamespace(site.Namespace)
		object.SetName(site.Name)
		return client.ApplyConfigurationFromUnstructured(object)
	}
	must(t, api.Apply(ctx, applied(3), client.FieldOwner("one")))
	err := api.Apply(ctx, applied(4), client.FieldOwner("two"))
	equal(t, apierrors.IsConflict(err), true)
	equal(t, err.Error(), `Apply failed with 1 conflict: conflict with "one": .spec.replicas`)
	must(t, api.Apply(ctx, applied(4), client.FieldOwner("two"), client.ForceOwnership))
	must(t, api.Get(ctx, client.ObjectKeyFromObject(site), site))
	equal(t, *site.Spec.Replicas, 4)
}

func TestOneLeaderAfterTheOther(t *testing.T) {
	startManager(t, "", servesWebhooks)
	_, stopFirst := startManager(t, "first", controls|electsLeader)
	ctx := t.Context()
	leader := func(name string) func() error {
		return func() error {
			site := newSite(t, name+".example.com")
			must(t, api.Create(ctx, site))
			eventually(t, "it is published", func() error { return ready(t, site) })
			published := &corev1.ConfigMap{}
			must(t, api.Get(ctx, client.ObjectKeyFromObject(site), published))
			if by := published.Data["by"]; by != name {
				return fmt.Errorf("published by %s", by)
			}
			return nil
		}
	}
	must(t, leader("first")())
	lease := &coordinationv1.Lease{}
	key := client.ObjectKey{Namespace: "default", Name: "sites.shop.example.com"}
	must(t, api.Get(ctx, key, lease))
	holder := *lease.Spec.HolderIdentity
	equal(t, holder != "", true)

	startManager(t, "second", controls|electsLeader)
	must(t, leader("first")())
	stopFirst()
	eventually(t, "the second leads", leader("second"))
	must(t, api.Get(ctx, key, lease))
	equal(t, *lease.Spec.HolderIdentity != holder, true)
}

func ready(t *testing.T, object client.Object) error {
	site := &v2.Site{}
	must(t, api.Get(t.Context(), client.ObjectKeyFromObject(object), site))
	if !meta.IsStatusConditionTrue(site.Status.Conditions, "Ready") {
		return fmt.Errorf("the conditions are %v", site.Status.Conditions)
	}
	return nil
}

func gone(err error) error {
	if err == nil {
		return errors.New("it is still there")
	}
	return client.IgnoreNotFound(err)
}
