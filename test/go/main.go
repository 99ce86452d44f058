// Command clients uses an API server as Go programs do: with the typed client and informers over protobuf, the dynamic and
// the metadata client. It is given a kubeconfig, prints a line for each thing that it did, and fails at the first that went wrong.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	corev1apply "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	protobuf  = "application/vnd.kubernetes.protobuf"
	namespace = "go-clients"
)

type clients struct {
	typed    kubernetes.Interface
	json     kubernetes.Interface
	dynamic  dynamic.Interface
	metadata metadata.Interface
}

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Println("FAILED:", err)
		os.Exit(1)
	}
}

func run(kubeconfig string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	config.QPS = -1
	all, err := clientsOf(config)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	for _, step := range []struct {
		name string
		do   func(context.Context, clients) error
	}{
		{"typed client over protobuf", typedClient},
		{"the same objects over JSON", sameOverJSON},
		{"subresources and reviews", subresources},
		{"errors", refusals},
		{"pages", pages},
		{"informers", informersOverProtobuf},
		{"dynamic client", dynamicClient},
		{"metadata client", metadataClient},
		{"deletion", deletion},
	} {
		if err := step.do(ctx, all); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		fmt.Println("ok:", step.name)
	}
	return nil
}

func clientsOf(config *rest.Config) (all clients, err error) {
	binary := rest.CopyConfig(config)
	binary.ContentType = protobuf
	binary.AcceptContentTypes = protobuf
	if all.typed, err = kubernetes.NewForConfig(binary); err != nil {
		return
	}
	text := rest.CopyConfig(config)
	text.ContentType = "application/json"
	if all.json, err = kubernetes.NewForConfig(text); err != nil {
		return
	}
	if all.dynamic, err = dynamic.NewForConfig(config); err != nil {
		return
	}
	all.metadata, err = metadata.NewForConfig(metadata.ConfigFor(config))
	return
}

func pod(name string) *corev1.Pod {
	seconds := int64(1) << 53
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": "go", "umlaut": ""}, Annotations: map[string]string{"text": "ü\n\"quoted\""}},
		Spec: corev1.PodSpec{
			NodeSelector: map[string]string{"none": "such"},
			Volumes: []corev1.Volume{{Name: "all", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
				{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "cm"}}},
			}}}}},
			Tolerations: []corev1.Toleration{{Key: "a", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: &seconds}},
			Containers: []corev1.Container{{
				Name:  "app",
				Image: "app:1",
				Env:   []corev1.EnvVar{{Name: "A", ValueFrom: &corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "cm"}, Key: "k"}}}},
				Resources: corev1.ResourceRequirements{
					Requests: corev1.ResourceList{"cpu": resource.MustParse("1500m"), "memory": resource.MustParse("64Mi")},
				},
				LivenessProbe:  &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Port: intstr.FromString("web"), Path: "/"}}},
				ReadinessProbe: &corev1.Probe{ProbeHandler: corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(80)}}},
				Ports:          []corev1.ContainerPort{{Name: "web", ContainerPort: 80}},
			}},
		},
	}
}

func typedClient(ctx context.Context, all clients) error {
	if _, err := all.typed.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{}); err != nil {
		return err
	}
	if _, err := all.typed.CoreV1().ServiceAccounts(namespace).Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "default"}}, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "bytes"}, Data: map[string][]byte{"all": {0, 1, 2, 250, 255}, "none": {}}}
	made, err := all.typed.CoreV1().Secrets(namespace).Create(ctx, secret, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(made.Data["all"], secret.Data["all"]) || len(made.Data) != 2 {
		return fmt.Errorf("secret has other data: %v", made.Data)
	}
	created, err := all.typed.CoreV1().Pods(namespace).Create(ctx, pod("a"), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	probe := created.Spec.Containers[0].LivenessProbe
	if probe.HTTPGet == nil || probe.HTTPGet.Port.String() != "web" || probe.PeriodSeconds != 10 {
		return fmt.Errorf("probe is %v", probe)
	}
	if got := created.Spec.Containers[0].Resources.Requests.Cpu().String(); got != "1500m" {
		return fmt.Errorf("cpu is %s", got)
	}
	if *created.Spec.Tolerations[0].TolerationSeconds != int64(1)<<53 {
		return fmt.Errorf("seconds are %d", *created.Spec.Tolerations[0].TolerationSeconds)
	}
	created.Labels["updated"] = "yes"
	if _, err := all.typed.CoreV1().Pods(namespace).Update(ctx, created, metav1.UpdateOptions{}); err != nil {
		return err
	}
	patched, err := all.typed.CoreV1().Pods(namespace).Patch(ctx, "a", types.StrategicMergePatchType, []byte(`{"metadata":{"labels":{"patched":"yes"}}}`), metav1.PatchOptions{})
	if err != nil {
		return err
	}
	if patched.Labels["updated"] != "yes" || patched.Labels["patched"] != "yes" {
		return fmt.Errorf("labels are %v", patched.Labels)
	}
	apply := corev1apply.ConfigMap("applied", namespace).WithData(map[string]string{"a": "b"})
	applied, err := all.typed.CoreV1().ConfigMaps(namespace).Apply(ctx, apply, metav1.ApplyOptions{FieldManager: "go"})
	if err != nil {
		return err
	}
	if len(applied.ManagedFields) != 1 || applied.ManagedFields[0].FieldsV1 == nil {
		return fmt.Errorf("managed fields are %v", applied.ManagedFields)
	}
	zero, revisions := intstr.FromInt32(0), int32(0)
	deployment, err := all.typed.AppsV1().Deployments(namespace).Create(ctx, &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Replicas:             new(int32),
			RevisionHistoryLimit: &revisions,
			Selector:             &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
			Strategy:             appsv1.DeploymentStrategy{Type: appsv1.RollingUpdateDeploymentStrategyType, RollingUpdate: &appsv1.RollingUpdateDeployment{MaxUnavailable: &zero}},
			Template:             corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web"}}, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "a", Image: "a"}}}},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	if *deployment.Spec.Replicas != 0 || *deployment.Spec.RevisionHistoryLimit != 0 || deployment.Spec.Strategy.RollingUpdate.MaxUnavailable.IntValue() != 0 {
		return fmt.Errorf("zeros are lost: %v", deployment.Spec)
	}
	return nil
}

// What a typed client reads must not depend on how it was sent.
func sameOverJSON(ctx context.Context, all clients) error {
	for _, read := range []func(kubernetes.Interface) (any, error){
		func(c kubernetes.Interface) (any, error) {
			return c.CoreV1().Pods(namespace).Get(ctx, "a", metav1.GetOptions{})
		},
		func(c kubernetes.Interface) (any, error) {
			return c.CoreV1().Secrets(namespace).Get(ctx, "bytes", metav1.GetOptions{})
		},
		func(c kubernetes.Interface) (any, error) {
			return c.AppsV1().Deployments(namespace).Get(ctx, "web", metav1.GetOptions{})
		},
		func(c kubernetes.Interface) (any, error) {
			return c.CoreV1().ConfigMaps("").List(ctx, metav1.ListOptions{})
		},
		func(c kubernetes.Interface) (any, error) {
			return c.RbacV1().ClusterRoles().List(ctx, metav1.ListOptions{})
		},
		func(c kubernetes.Interface) (any, error) {
			return c.SchedulingV1().PriorityClasses().List(ctx, metav1.ListOptions{})
		},
		func(c kubernetes.Interface) (any, error) {
			return c.CoreV1().Services("").List(ctx, metav1.ListOptions{})
		},
	} {
		binary, err := read(all.typed)
		if err != nil {
			return err
		}
		text, err := read(all.json)
		if err != nil {
			return err
		}
		if left, right := normal(binary), normal(text); left != right {
			return fmt.Errorf("protobuf gives\n%s\nand JSON\n%s", left, right)
		}
	}
	return nil
}

func normal(value any) string {
	// Neither says its kind within a typed object, and an empty map is no other than none.
	bytes, err := unstructuredOf(value)
	if err != nil {
		return err.Error()
	}
	return bytes
}

func subresources(ctx context.Context, all clients) error {
	scale, err := all.typed.AppsV1().Deployments(namespace).GetScale(ctx, "web", metav1.GetOptions{})
	if err != nil {
		return err
	}
	scale.Spec.Replicas = 3
	scaled, err := all.typed.AppsV1().Deployments(namespace).UpdateScale(ctx, "web", &autoscalingv1.Scale{ObjectMeta: scale.ObjectMeta, Spec: scale.Spec}, metav1.UpdateOptions{})
	if err != nil || scaled.Spec.Replicas != 3 {
		return fmt.Errorf("scale is %v: %w", scaled, err)
	}
	review, err := all.typed.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "get", Resource: "pods"}},
	}, metav1.CreateOptions{})
	if err != nil || !review.Status.Allowed {
		return fmt.Errorf("review is %v: %w", review, err)
	}
	token, err := all.typed.CoreV1().ServiceAccounts(namespace).CreateToken(ctx, "default", &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{Audiences: []string{"a"}}}, metav1.CreateOptions{})
	if err != nil || len(token.Status.Token) < 100 || token.Status.ExpirationTimestamp.IsZero() {
		return fmt.Errorf("token is %v: %w", token, err)
	}
	current, err := all.typed.CoreV1().Pods(namespace).Get(ctx, "a", metav1.GetOptions{})
	if err != nil {
		return err
	}
	now := metav1.NewTime(time.Now().Truncate(time.Second))
	current.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, LastTransitionTime: now}}
	updated, err := all.typed.CoreV1().Pods(namespace).UpdateStatus(ctx, current, metav1.UpdateOptions{})
	if err != nil || !updated.Status.Conditions[0].LastTransitionTime.Equal(&now) {
		return fmt.Errorf("status is %v: %w", updated, err)
	}
	if _, err := all.typed.CoreV1().Pods(namespace).Create(ctx, pod("evicted"), metav1.CreateOptions{}); err != nil {
		return err
	}
	return all.typed.PolicyV1().Evictions(namespace).Evict(ctx, &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: "evicted", Namespace: namespace}})
}

func refusals(ctx context.Context, all clients) error {
	_, err := all.typed.CoreV1().Pods(namespace).Get(ctx, "none", metav1.GetOptions{})
	if !apierrors.IsNotFound(err) {
		return fmt.Errorf("a pod that is not there: %v", err)
	}
	if _, err = all.typed.CoreV1().Pods(namespace).Create(ctx, pod("a"), metav1.CreateOptions{}); !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("a pod that is there: %v", err)
	}
	_, err = all.typed.CoreV1().Pods(namespace).Create(ctx, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "bad"}}, metav1.CreateOptions{})
	var status apierrors.APIStatus
	if !apierrors.IsInvalid(err) || !errors.As(err, &status) || len(status.Status().Details.Causes) == 0 {
		return fmt.Errorf("a pod without containers: %v", err)
	}
	return nil
}

func pages(ctx context.Context, all clients) error {
	seen := 0
	options := metav1.ListOptions{Limit: 7}
	for {
		list, err := all.typed.RbacV1().ClusterRoles().List(ctx, options)
		if err != nil {
			return err
		}
		seen += len(list.Items)
		if options.Continue = list.Continue; options.Continue == "" {
			break
		}
	}
	whole, err := all.typed.RbacV1().ClusterRoles().List(ctx, metav1.ListOptions{})
	if err != nil || len(whole.Items) != seen || seen < 20 {
		return fmt.Errorf("%d in pages, %d at once: %w", seen, len(whole.Items), err)
	}
	return nil
}

// events notes what an informer tells, in the order in which it tells it.
type events chan string

func (e events) handler() cache.ResourceEventHandler {
	name := func(object any) string {
		if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
			object = gone.Obj
		}
		return object.(metav1.Object).GetName()
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { e <- "add " + name(object) },
		UpdateFunc: func(_, object any) { e <- "update " + name(object) },
		DeleteFunc: func(object any) { e <- "delete " + name(object) },
	}
}

func (e events) want(ctx context.Context, wanted ...string) error {
	for _, want := range wanted {
		for {
			select {
			case got := <-e:
				if got != want {
					continue
				}
			case <-ctx.Done():
				return fmt.Errorf("no %q", want)
			}
			break
		}
	}
	return nil
}

func informersOverProtobuf(ctx context.Context, all clients) error {
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	factory := informers.NewSharedInformerFactoryWithOptions(all.typed, 0, informers.WithNamespace(namespace))
	seen := make(events, 1000)
	informer := factory.Core().V1().ConfigMaps().Informer()
	if _, err := informer.AddEventHandler(seen.handler()); err != nil {
		return err
	}
	factory.Core().V1().Pods().Informer()
	factory.Start(running.Done())
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return fmt.Errorf("no sync of %v", kind)
		}
	}
	if _, err := factory.Core().V1().Pods().Lister().Pods(namespace).Get("a"); err != nil {
		return err
	}
	maps := all.typed.CoreV1().ConfigMaps(namespace)
	made, err := maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "watched"}, BinaryData: map[string][]byte{"b": {1}}}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	made.Data = map[string]string{"a": "b"}
	if _, err := maps.Update(ctx, made, metav1.UpdateOptions{}); err != nil {
		return err
	}
	if err := maps.Delete(ctx, "watched", metav1.DeleteOptions{}); err != nil {
		return err
	}
	return seen.want(ctx, "add applied", "add watched", "update watched", "delete watched")
}

func dynamicClient(ctx context.Context, all clients) error {
	maps := all.dynamic.Resource(schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}).Namespace(namespace)
	object := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "dynamic"}, "data": map[string]any{"a": "b"}}}
	if _, err := maps.Create(ctx, object, metav1.CreateOptions{}); err != nil {
		return err
	}
	list, err := maps.List(ctx, metav1.ListOptions{})
	if err != nil || len(list.Items) < 2 || list.Items[0].GetKind() != "ConfigMap" {
		return fmt.Errorf("list is %v: %w", list, err)
	}
	watch, err := maps.Watch(ctx, metav1.ListOptions{ResourceVersion: list.GetResourceVersion()})
	if err != nil {
		return err
	}
	defer watch.Stop()
	if err := maps.Delete(ctx, "dynamic", metav1.DeleteOptions{}); err != nil {
		return err
	}
	if event := <-watch.ResultChan(); event.Type != "DELETED" {
		return fmt.Errorf("event is %v", event)
	}
	return nil
}

func metadataClient(ctx context.Context, all clients) error {
	resource := schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	one, err := all.metadata.Resource(resource).Namespace(namespace).Get(ctx, "a", metav1.GetOptions{})
	if err != nil || one.Labels["app"] != "go" {
		return fmt.Errorf("metadata is %v: %w", one, err)
	}
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	factory := metadatainformer.NewFilteredSharedInformerFactory(all.metadata, 0, namespace, nil)
	seen := make(events, 1000)
	if _, err := factory.ForResource(resource).Informer().AddEventHandler(seen.handler()); err != nil {
		return err
	}
	factory.Start(running.Done())
	if err := seen.want(ctx, "add a"); err != nil {
		return err
	}
	_, err = all.metadata.Resource(resource).Namespace(namespace).Patch(ctx, "a", types.MergePatchType, []byte(`{"metadata":{"labels":{"meta":"yes"}}}`), metav1.PatchOptions{})
	if err != nil {
		return err
	}
	return seen.want(ctx, "update a")
}

func deletion(ctx context.Context, all clients) error {
	zero := int64(0)
	background := metav1.DeletePropagationBackground
	options := metav1.DeleteOptions{GracePeriodSeconds: &zero, PropagationPolicy: &background}
	if err := all.typed.CoreV1().Pods(namespace).Delete(ctx, "a", options); err != nil {
		return err
	}
	if err := all.typed.CoreV1().ConfigMaps(namespace).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{}); err != nil {
		return err
	}
	return all.typed.CoreV1().Namespaces().Delete(ctx, namespace, metav1.DeleteOptions{})
}
