// Package sites is an operator as controller-runtime's users write them: a controller, and webhooks for its kind.
package sites

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	v2 "kubeling.test/manager/api/v2"
)

const (
	// Finalizer keeps a site until the controller has seen its end.
	Finalizer = "shop.example.com/site"
	// HostIndex is the field by which the cache finds sites.
	HostIndex = "spec.host"
)

// Reconciler publishes each site in a ConfigMap of its name.
type Reconciler struct {
	client.Client
	Recorder events.EventRecorder
	// Name is told by each ConfigMap: tests see by it which of two managers wrote it.
	Name string
}

func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	index := func(object client.Object) []string { return []string{object.(*v2.Site).Spec.Host} }
	if err := mgr.GetFieldIndexer().IndexField(context.Background(), &v2.Site{}, HostIndex, index); err != nil {
		return err
	}
	return ctrl.NewControllerManagedBy(mgr).Named(r.Name).For(&v2.Site{}).Owns(&corev1.ConfigMap{}).Complete(r)
}

func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	site := &v2.Site{}
	if err := r.Get(ctx, request.NamespacedName, site); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !site.DeletionTimestamp.IsZero() {
		if !controllerutil.RemoveFinalizer(site, Finalizer) {
			return ctrl.Result{}, nil
		}
		r.Recorder.Eventf(site, nil, corev1.EventTypeNormal, "Retired", "Retire", "The site %s is gone", site.Spec.Host)
		return ctrl.Result{}, r.Update(ctx, site)
	}
	if controllerutil.AddFinalizer(site, Finalizer) {
		return ctrl.Result{}, r.Update(ctx, site)
	}
	published := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: site.Name, Namespace: site.Namespace}}
	result, err := controllerutil.CreateOrUpdate(ctx, r.Client, published, func() error {
		published.Data = map[string]string{"address": fmt.Sprintf("%s:%d", site.Spec.Host, site.Spec.Port), "by": r.Name}
		return controllerutil.SetControllerReference(site, published, r.Scheme())
	})
	if err != nil {
		return ctrl.Result{}, err
	}
	if result != controllerutil.OperationResultNone {
		r.Recorder.Eventf(site, published, corev1.EventTypeNormal, "Published", "Publish", "The address was %s", result)
	}
	site.Status.ObservedGeneration = site.Generation
	meta.SetStatusCondition(&site.Status.Conditions, metav1.Condition{
		Type: "Ready", Status: metav1.ConditionTrue, Reason: "Published", ObservedGeneration: site.Generation,
	})
	return ctrl.Result{}, r.Status().Update(ctx, site)
}
