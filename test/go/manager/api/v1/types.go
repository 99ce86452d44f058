// Package v1 is the first version of Site: host and port are one text.
package v1

import (
	"fmt"
	"net"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/conversion"
	"sigs.k8s.io/controller-runtime/pkg/scheme"

	v2 "kubeling.test/manager/api/v2"
)

var (
	GroupVersion  = schema.GroupVersion{Group: "shop.example.com", Version: "v1"}
	schemeBuilder = &scheme.Builder{GroupVersion: GroupVersion}
	AddToScheme   = schemeBuilder.Register(&Site{}, &SiteList{}).AddToScheme
)

type Site struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              SiteSpec      `json:"spec,omitempty"`
	Status            v2.SiteStatus `json:"status,omitempty"`
}

type SiteSpec struct {
	// Address is host:port, or a host alone.
	Address  string `json:"address"`
	Replicas *int32 `json:"replicas,omitempty"`
}

type SiteList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Site `json:"items"`
}

func (s *Site) ConvertTo(hub conversion.Hub) error {
	to := hub.(*v2.Site)
	to.ObjectMeta, to.Status = s.ObjectMeta, s.Status
	to.Spec = v2.SiteSpec{Host: s.Spec.Address, Replicas: s.Spec.Replicas}
	if host, port, err := net.SplitHostPort(s.Spec.Address); err == nil {
		number, err := strconv.ParseInt(port, 10, 32)
		if err != nil {
			return fmt.Errorf("%q has no number for its port", s.Spec.Address)
		}
		to.Spec.Host, to.Spec.Port = host, int32(number)
	}
	return nil
}

func (s *Site) ConvertFrom(hub conversion.Hub) error {
	from := hub.(*v2.Site)
	s.ObjectMeta, s.Status = from.ObjectMeta, from.Status
	s.Spec = SiteSpec{Address: from.Spec.Host, Replicas: from.Spec.Replicas}
	if from.Spec.Port != 0 {
		s.Spec.Address = net.JoinHostPort(from.Spec.Host, strconv.Itoa(int(from.Spec.Port)))
	}
	return nil
}

func (s *Site) DeepCopyObject() runtime.Object {
	copied := &Site{TypeMeta: s.TypeMeta, ObjectMeta: *s.ObjectMeta.DeepCopy(), Spec: s.Spec, Status: s.Status}
	if s.Spec.Replicas != nil {
		copied.Spec.Replicas = new(*s.Spec.Replicas)
	}
	copied.Status.Conditions = append([]metav1.Condition(nil), s.Status.Conditions...)
	return copied
}

func (l *SiteList) DeepCopyObject() runtime.Object {
	copied := &SiteList{TypeMeta: l.TypeMeta, ListMeta: *l.ListMeta.DeepCopy()}
	for _, site := range l.Items {
		copied.Items = append(copied.Items, *site.DeepCopyObject().(*Site))
	}
	return copied
}
