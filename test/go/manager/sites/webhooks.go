package sites

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	v2 "kubeling.test/manager/api/v2"
)

// Webhooks default and check sites. They see every version as v2.
type Webhooks struct{}

func (w Webhooks) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewWebhookManagedBy(mgr, &v2.Site{}).WithDefaulter(w).WithValidator(w).Complete()
}

func (Webhooks) Default(_ context.Context, site *v2.Site) error {
	if site.Spec.Port == 0 {
		site.Spec.Port = 443
	}
	if site.Spec.Replicas == nil {
		site.Spec.Replicas = new(int32(2))
	}
	return nil
}

func (Webhooks) ValidateCreate(_ context.Context, site *v2.Site) (admission.Warnings, error) {
	if site.Spec.Port == 80 {
		return admission.Warnings{"port 80 is not encrypted"}, nil
	}
	if site.Spec.Host == "localhost" {
		return nil, invalid(site, field.Invalid(field.NewPath("spec", "host"), site.Spec.Host, "nobody else sees it"))
	}
	return nil, nil
}

func (Webhooks) ValidateUpdate(_ context.Context, old, site *v2.Site) (admission.Warnings, error) {
	if old.Spec.Host != site.Spec.Host {
		return nil, invalid(site, field.Forbidden(field.NewPath("spec", "host"), "a site does not move"))
	}
	return nil, nil
}

func (Webhooks) ValidateDelete(_ context.Context, site *v2.Site) (admission.Warnings, error) {
	if site.Labels["protected"] == "true" {
		return nil, apierrors.NewForbidden(v2.GroupVersion.WithResource("sites").GroupResource(), site.Name, nil)
	}
	return nil, nil
}

func invalid(site *v2.Site, err *field.Error) error {
	return apierrors.NewInvalid(v2.GroupVersion.WithKind("Site").GroupKind(), site.Name, field.ErrorList{err})
}
